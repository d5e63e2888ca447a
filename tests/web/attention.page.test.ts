// The matrix of a head: what a cell says, what it is made of, and how one operation becomes the next.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, Site, waitForTokens } from './support/page.ts';

const root = new URL('../../', import.meta.url);
const [block, head, width] = [3, 1, 32];
const factor = 1 / Math.sqrt(width);
let site: Site;
let model: Model;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('weights/stories/', root));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

interface Numbers {
  scores: (query: number, key: number) => number;
  q: (query: number, d: number) => number;
  k: (key: number, d: number) => number;
}

/** The numbers of the head, from a run under Node. */
async function numbersOf(page: Page): Promise<Numbers> {
  const inBlock = (name: string) => `blocks.${block}.attn.hook_${name}`;
  const names = ['attn_scores', 'q', 'k'].map(inBlock);
  const { cache } = await model.runWithCache(await idsOn(page), { names });
  const at = (name: string) => {
    const { data, dims } = cache.get(inBlock(name));
    return (...index: number[]) => data[index.reduce((at, n, axis) => at * dims[axis]! + n, 0)]!;
  };
  const [scores, q, k] = [at('attn_scores'), at('q'), at('k')];
  return {
    scores: (query, key) => scores(head, query, key),
    q: (query, d) => q(query, head, d),
    k: (key, d) => k(key, head, d),
  };
}

const open = (operation: string, more = '', options = {}) =>
  site.visitReady(`#op=${operation}&block=${block}&head=${head}${more}`, options);
const canvasOf = (page: Page) => page.locator('.inspector .attention canvas');
const products = (page: Page) => page.getByTestId('products');
const readout = (page: Page) => page.getByTestId('readout');

async function hover(page: Page, query: number, key: number, tokens = 10): Promise<void> {
  const canvas = canvasOf(page);
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.hover({
    position: { x: ((key + 0.5) * width) / tokens, y: ((query + 0.5) * height) / tokens },
  });
}

/** Four digits are printed, and relaxed SIMD rounds in its own way. */
const near = (text: string | null, value: number) =>
  expect(Math.abs(numberIn(text!) - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-4);

/** All that is painted on the matrix, as one number. */
const picture = (page: Page) =>
  canvasOf(page).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0);
  });

describe('a cell under the pointer', () => {
  test('has its query and its key marked wherever they stand, as long as it is', async () => {
    const { page, complaints } = await open('scores');
    await products(page).waitFor();
    const chips = (role: string) =>
      page
        .locator(`.chip.${role}`)
        .evaluateAll((all) => all.map((chip) => (chip as HTMLElement).dataset.position));
    const words = async (within: string, role: string) =>
      (await page.locator(`${within} svg text.${role}`).allTextContents()).map((t) => t.trim());
    await hover(page, 7, 2);
    expect(await chips('query')).toEqual(['7']);
    expect(await chips('key')).toEqual(['2']);
    for (const within of ['.attention .plot', '.flow']) {
      expect(await words(within, 'query')).toEqual(['·a']);
      expect(await words(within, 'key')).toEqual(['·a']);
    }
    await hover(page, 9, 1);
    expect(await words('.flow', 'key')).toEqual(['·upon']);
    const titles = () => products(page).locator('figcaption .title').allTextContents();
    expect((await titles()).slice(0, 2)).toEqual(['query 9 ·girl', 'key 1 ·upon']);
    await page.mouse.move(5, 5);
    // Back to the one that is explained.
    expect(await chips('key')).toEqual([]);
    expect((await titles()).slice(0, 2)).toEqual(['query 9 ·girl', 'key 0 Once']);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test.each([
    ['scores', 1 / factor],
    ['scale', 1],
    ['mask', 1],
  ] as const)('of %s is the one number that the model has', async (operation, times) => {
    const { page } = await open(operation);
    await products(page).waitFor();
    const numbers = await numbersOf(page);
    for (const [query, key] of [
      [7, 2],
      [0, 0],
      [9, 9],
      [5, 1],
    ] as const) {
      await hover(page, query, key);
      near(
        await readout(page).locator('.weight dd').textContent(),
        numbers.scores(query, key) * times,
      );
    }
    await page.context().close();
  });

  test.each(['scores', 'scale'] as const)(
    'of %s shows the products that it is the sum of',
    async (operation) => {
      const { page } = await open(operation);
      await products(page).waitFor();
      const numbers = await numbersOf(page);
      const [query, key] = [7, 2];
      await hover(page, query, key);
      const from = `[data-from="${head}, ${query}, ${key}"]`;
      const sum = products(page).locator(`[data-testid=sum]${from}`);
      await sum.waitFor();
      const times = operation === 'scores' ? 1 : factor;
      const shown = numberIn((await readout(page).locator('.weight dd').textContent())!);
      await expect
        .poll(async () => Math.abs(numberIn((await sum.textContent())!) - shown))
        .toBeLessThan(0.01);
      // By keyboard from product to product, so that the cell under the pointer stays.
      const strip = products(page).getByRole('application').last();
      await strip.focus();
      let total = 0;
      for (let d = 0; d < width; d += 1) {
        await page.keyboard.press(d === 0 ? 'Home' : 'ArrowRight');
        const said = products(page).getByTestId('product');
        const [q, k] = [numbers.q(query, d), numbers.k(key, d)];
        near(await said.locator('span.query').textContent(), q);
        near(await said.locator('span.key').textContent(), k);
        const product = await said.locator('b').textContent();
        near(product, q * k * times);
        total += numberIn(product!);
      }
      expect(Math.abs(total - shown)).toBeLessThan(0.02);
      await page.context().close();
    },
  );

  test('that is masked says so, by pointer and by keyboard', async () => {
    const { page } = await open('mask');
    await products(page).waitFor();
    await hover(page, 2, 7);
    expect((await readout(page).locator('.weight dd').textContent())!.trim()).toBe('−∞');
    await readout(page).getByText('masked: a token does not see those after it').waitFor();
    await products(page).getByText('a token does not see those that come after it').waitFor();
    await page.locator('.inspector .attention .plot').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
    const value = readout(page).locator('[data-index="1, 2, 3"]');
    expect((await value.textContent())!.trim()).toBe('−∞');
    await page.keyboard.press('ArrowLeft');
    expect(await readout(page).locator('[data-index="1, 2, 2"]').textContent()).not.toContain('∞');
    // In the next operation there is no such cell to look at.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Next operation' }).click();
    await readout(page).locator('[data-tensor$=hook_pattern]').waitFor();
    const [, query, key] = (await readout(page)
      .locator('[data-tensor]')
      .getAttribute('data-index'))!
      .split(', ')
      .map(Number);
    expect(key).toBeLessThanOrEqual(query!);
    await page.context().close();
  });

  test('of the weights shows the score, its exponential and what all of them amount to', async () => {
    const { page } = await open('softmax');
    const numbers = await numbersOf(page);
    await page.getByText('Point at a weight').waitFor();
    const [query, key] = [7, 2];
    await hover(page, query, key);
    const row = Array.from({ length: query + 1 }, (_, s) => numbers.scores(query, s));
    const exponentials = row.map((score) => Math.exp(score - Math.max(...row)));
    const total = exponentials.reduce((sum, each) => sum + each, 0);
    const made = page.getByTestId('made');
    const value = (source: string) => made.locator(`dd[${source}][data-from="1, 7, 2"]`);
    await made.locator('dd[data-tensor$=hook_attn_scores]').waitFor();
    await value('data-path=exp').waitFor();
    near(await made.locator('dd[data-tensor$=hook_attn_scores]').textContent(), row[key]!);
    near(await value('data-path=max').textContent(), Math.max(...row));
    near(await value('data-path=exp').textContent(), exponentials[key]!);
    near(await value('data-path=Z').textContent(), total);
    near(await readout(page).locator('.weight dd').textContent(), exponentials[key]! / total);
    await page.context().close();
  });
});

describe('from operation to operation', () => {
  test('the picture changes', async () => {
    const { page } = await open('scores');
    await products(page).waitFor();
    const pictures = [await picture(page)];
    for (const caption of ['score', 'score', 'weight']) {
      await page.getByRole('button', { name: 'Next operation' }).click();
      await readout(page).locator('.weight dt', { hasText: caption }).waitFor();
      pictures.push(await picture(page));
    }
    expect(new Set(pictures).size).toBe(4);
    await page.context().close();
  });

  test.each([
    ['gradually', 'no-preference', 4, 100],
    ['at once where less motion is wanted', 'reduce', 2, 2],
  ] as const)('it does so %s', async (_, reducedMotion, fewest, most) => {
    const { page } = await open('scale', '', { reducedMotion });
    await products(page).waitFor();
    const seen = await page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>('.inspector .attention canvas')!;
      const look = () =>
        canvas
          .getContext('2d')!
          .getImageData(4, canvas.height - 8, 1, 1)
          .data.join();
      const colors = new Set([look()]);
      document.querySelector<HTMLElement>('[aria-label="Next operation"]')!.click();
      const start = performance.now();
      while (performance.now() - start < 900) {
        await new Promise(requestAnimationFrame);
        colors.add(look());
      }
      return colors.size;
    });
    expect(seen).toBeGreaterThanOrEqual(fewest);
    expect(seen).toBeLessThanOrEqual(most);
    await page.context().close();
  });

  test('the legend goes as far as the scores of this head', async () => {
    const { page } = await open('mask');
    await products(page).waitFor();
    const numbers = await numbersOf(page);
    let largest = 0;
    for (let query = 0; query < 10; query += 1) {
      for (let key = 0; key <= query; key += 1) {
        largest = Math.max(largest, Math.abs(numbers.scores(query, key)));
      }
    }
    const ends = page.locator('.inspector .attention .ticks .last');
    expect(Math.abs(numberIn((await ends.textContent())!) - largest)).toBeLessThan(largest / 100);
    await page.getByRole('button', { name: 'Previous operation' }).click();
    await page.getByText('on the scale of the dot products').waitFor();
    const dots = numberIn((await ends.textContent())!);
    expect(Math.abs(dots - largest / factor)).toBeLessThan(dots / 100);
    await page.context().close();
  });
});

describe('a long text', () => {
  const text = 'The little dog ran to the big tree and sat down. '.repeat(12).trim();

  test('is looked at closer, by button and by keyboard', async () => {
    const { page } = await open('mask', `&text=${encodeURIComponent(text)}`);
    await products(page).waitFor();
    const tokens = (await idsOn(page)).length;
    expect(tokens).toBeGreaterThan(100);
    await waitForTokens(page, tokens);
    const plot = page.locator('.inspector .attention .plot');
    await plot.focus();
    await page.keyboard.press('PageUp');
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('+');
    expect(await plot.locator('text.token').count()).toBe(24);
    // The window goes along with the cell.
    await page.keyboard.press('PageDown');
    for (let i = 0; i < 20; i += 1) await page.keyboard.press('ArrowRight');
    await readout(page)
      .locator(`[data-index="${head}, ${tokens - 1}, 20"]`)
      .waitFor();
    expect(await plot.locator('rect.cell').count()).toBe(1);
    const scores = await numbersOf(page);
    await hover(page, 11, 0, 12);
    const index = (await readout(page).locator('[data-tensor]').getAttribute('data-index'))!;
    const [, query, key] = index.split(', ').map(Number);
    expect([query, key]).toEqual([tokens - 1, 9]);
    near(await readout(page).locator('.weight dd').textContent(), scores.scores(query!, key!));
    const out = page.getByRole('button', { name: 'Further away' });
    while (await out.isEnabled()) await out.click();
    expect(await plot.locator('text.token').count()).toBeLessThanOrEqual(2);
    await page.context().close();
  });
});

test.each([
  ['scores', 'light', 'en-GB', 1440, 900],
  ['mask', 'dark', 'zh-CN', 360, 740],
] as const)('%s in %s, %s: axe finds nothing to mend', async (op, colorScheme, locale, w, h) => {
  const { page } = await open(op, '', { colorScheme, locale, viewport: { width: w, height: h } });
  await products(page).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  const beyond = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(beyond).toBeLessThanOrEqual(0);
  await page.context().close();
});
