import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { idsOn, readoutOf, ready, Site, waitForTokens } from './support/page.ts';
import { readTrace } from './support/safetensors.ts';

const root = new URL('../../', import.meta.url);
const greedy = JSON.parse(readFileSync(new URL('tests/golden/stories/greedy.json', root), 'utf8'));
const trace = readTrace(new URL('tests/golden/stories/trace.safetensors', root));

let site: Site;
let model: Model;
let page: Page;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('weights/stories/', root));
  ({ page } = await site.visitReady());
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

describe('the page, as it opens', () => {
  test('has read the first example, token by token', async () => {
    expect(await page.inputValue('#prompt')).toBe(greedy.prompt);
    expect(await idsOn(page)).toEqual(greedy.ids);
  });

  test('shows the probabilities that the package computes under Node', async () => {
    const { logits } = await model.runWithCache(greedy.ids, { names: [], logits: 'last' });
    const stages = model.sample(logits, { temperature: 0.8, topK: 40, seed: 1 });
    const rows = page.locator('tbody tr[data-id]');
    const shown = await rows.evaluateAll((list) =>
      list.map((row) => [
        Number((row as HTMLElement).dataset.id),
        ...Array.from(row.querySelectorAll('td'), (cell) => parseFloat(cell.textContent!)),
      ]),
    );
    expect(shown.length).toBeGreaterThanOrEqual(10);
    for (const [rank, row] of shown.slice(0, 10).entries()) {
      const id = stages.order[rank]!;
      const [shownId, logit, scaled, probability, filtered] = row as [
        number,
        number,
        number,
        number,
        number,
      ];
      expect(shownId).toBe(id);
      expect(logit).toBeCloseTo(stages.logits[id]!, 1);
      expect(scaled).toBeCloseTo(stages.scaled[id]!, 1);
      // Printed with two significant digits at least.
      expect(probability / 100 / stages.probabilities[id]!).toBeCloseTo(1, 1);
      expect(filtered / 100 / stages.filtered[id]!).toBeCloseTo(1, 1);
    }
  });

  test('accounts for the whole vocabulary', async () => {
    const listed = await page.locator('tbody tr[data-id]').count();
    const rest = page.getByTestId('rest');
    expect(await rest.textContent()).toContain(
      `${(4096 - listed).toLocaleString('en')} other tokens`,
    );
    const parts = await page
      .locator('tr[data-id] td:nth-child(4), tfoot td:nth-child(2)')
      .allTextContents();
    const sum = parts.reduce((total, text) => total + parseFloat(text), 0);
    expect(sum).toBeCloseTo(100, 0);
  });
});

describe('the attention on screen', () => {
  test('is the reference’s, for every weight of a head, by pointer', async () => {
    await page.locator('[data-block="2"][data-head="3"]').click();
    const pattern = trace('blocks.2.attn.hook_pattern');
    const canvas = page.locator('.plot canvas');
    const { width, height } = (await canvas.boundingBox())!;
    for (const [query, key] of [
      [0, 0],
      [9, 0],
      [9, 9],
      [5, 2],
      [7, 6],
    ] as const) {
      await canvas.hover({
        position: { x: ((key + 0.5) * width) / 10, y: ((query + 0.5) * height) / 10 },
      });
      const readout = await readoutOf(page);
      expect(readout.tensor).toBe('blocks.2.attn.hook_pattern');
      expect(readout.index).toEqual([3, query, key]);
      expect(readout.value).toBeCloseTo(pattern.at(3, query, key), 3);
    }
  });

  test('is the reference’s in every block and head', async () => {
    for (const [block, head] of [
      [0, 0],
      [5, 5],
      [3, 1],
    ] as const) {
      await page.locator(`[data-block="${block}"][data-head="${head}"]`).click();
      await page.mouse.move(0, 0);
      const { value, index } = await readoutOf(page);
      const pattern = trace(`blocks.${block}.attn.hook_pattern`);
      expect(value).toBeCloseTo(pattern.at(head, index[1]!, index[2]!), 3);
    }
  });

  test('is in the colour of the scale', async () => {
    await page.locator('[data-block="1"][data-head="1"]').click();
    const color = await page.locator('.plot canvas').evaluate((canvas: HTMLCanvasElement) => {
      const cell = canvas.width / 10;
      const pixel = canvas.getContext('2d')!.getImageData(cell / 2, cell / 2, 1, 1);
      return Array.from(pixel.data);
    });
    // The first token can only look at itself: weight 1, the end of the scale.
    expect(color).toEqual([6, 70, 80, 255]);
  });
});

test('greedy generation writes what the reference wrote, token for token', async () => {
  await page.getByLabel('Greedy').check();
  expect(await page.getByTestId('drawn').textContent()).toBe('·named');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await waitForTokens(page, greedy.ids.length + greedy.greedy_24.length);
  await page.getByRole('button', { name: 'Stop' }).click();
  const ids = await idsOn(page);
  const expected = [...greedy.ids, ...greedy.greedy_24];
  expect(ids.slice(0, expected.length)).toEqual(expected);
  expect(await page.inputValue('#prompt')).toContain(greedy.text);
});

test('a seed draws the same tokens again, and as the package does', async () => {
  const continued: string[] = [];
  for (let time = 0; time < 2; time += 1) {
    const { page: fresh } = await site.visitReady('#seed=42&temperature=1.2');
    for (let drawn = 0; drawn < 4; drawn += 1) {
      await fresh.getByRole('button', { name: 'Generate a token' }).click();
      await waitForTokens(fresh, greedy.ids.length + drawn + 1);
      await ready(fresh);
    }
    continued.push(await fresh.inputValue('#prompt'));
    await fresh.context().close();
  }
  expect(continued[1]).toBe(continued[0]);

  let text = '';
  const options = { maxTokens: 4, temperature: 1.2, topK: 40, seed: 42 };
  for await (const step of model.generate(greedy.ids, options)) text += step.text;
  expect(continued[0]).toBe(greedy.prompt + text);
});
