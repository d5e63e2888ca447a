// The flow of the forward pass: every station can be reached, and says what the package computes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model, type RunResult } from 'glassformer';
import type { Page } from 'playwright-core';
import { operationIds } from '../../web/src/view/operations.ts';
import { stations, tensorName } from '../../web/src/view/flow/stations.ts';
import { idsOn, Site, waitForTokens } from './support/page.ts';
import { numberIn } from './support/numbers.ts';

const root = new URL('../../', import.meta.url);
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

const stage = (page: Page) => page.locator('.flow [role=application]');

function entryOf(run: RunResult, name: string, index: readonly number[]): number {
  const { data, dims } = run.cache.get(name);
  return data[index.reduce((place, at, axis) => place * dims[axis]! + at, 0)]!;
}

/** Every number inside `scope` that says where it comes from, beside what the package computes. */
async function expectTrue(page: Page, scope: string, run: RunResult): Promise<number> {
  const shown = await page.locator(`${scope} [data-tensor]`).evaluateAll((elements) =>
    elements.map((element) => ({
      name: (element as HTMLElement).dataset.tensor!,
      index: (element as HTMLElement).dataset.index!.split(',').map(Number),
      text: element.textContent,
    })),
  );
  for (const { name, index, text } of shown) {
    if (!run.cache.has(name)) continue;
    const expected = entryOf(run, name, index);
    if (!Number.isFinite(expected)) {
      expect(numberIn(text)).toBe(expected);
      continue;
    }
    const tolerance = 1e-3 * Math.abs(expected) + 1e-5;
    expect(Math.abs(numberIn(text) - expected), `${name}[${index.join()}]`).toBeLessThan(tolerance);
  }
  return shown.length;
}

describe('the flow', () => {
  test('fits the window at 1440 by 900, with a strip for every station', async () => {
    const { page, complaints } = await site.visitReady('#block=2&head=3');
    const beyond = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(beyond).toBeLessThanOrEqual(0);
    const bounds = (await stage(page).boundingBox())!;
    expect(bounds.x + bounds.width).toBeLessThanOrEqual(1440);
    // A column of pixels in the middle of each strip is painted.
    expect(await page.locator('.flow .column').count()).toBe(stations.length + 1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says the number under the pointer, and the keyboard says each as well', async () => {
    const { page } = await site.visitReady('#block=1&head=2');
    const run = await model.runWithCache(await idsOn(page));
    await stage(page).focus();
    await page.keyboard.press('Home');
    const names = new Set<string>();
    for (let step = 0; step < stations.length; step += 1) {
      const said = page.locator('.flow .readout b');
      names.add((await said.getAttribute('data-tensor'))!);
      expect(await expectTrue(page, '.flow', run)).toBe(1);
      await page.keyboard.press('ArrowRight');
    }
    expect([...names]).toEqual([...new Set(stations.map((each) => tensorName(each, 1)))]);
    const { width, height } = (await stage(page).boundingBox())!;
    for (const [x, y] of [
      [0.1, 0.2],
      [0.42, 0.75],
      [0.73, 0.9],
    ] as const) {
      await stage(page).hover({ position: { x: x * width, y: y * height } });
      await expectTrue(page, '.flow', run);
    }
    await page.context().close();
  });

  test('one click explains a number of any station', async () => {
    const { page } = await site.visitReady('#block=4&head=1');
    const run = await model.runWithCache(await idsOn(page));
    for (const label of await page.locator('.flow .column').all()) {
      await label.click();
      const shown = page.getByTestId('why').locator('.number-shown');
      await shown.waitFor();
      expect(await expectTrue(page, '.inspector', run)).toBeGreaterThan(0);
    }
    await page.context().close();
  });

  test('every operation has its view, one step after the other', async () => {
    const { page, complaints } = await site.visitReady('#op=tokenization');
    const run = await model.runWithCache(await idsOn(page));
    const titles = new Set<string>();
    for (const operation of operationIds) {
      await page.waitForFunction(
        (wanted) =>
          document.querySelector<HTMLSelectElement>('.inspector select')!.value === wanted,
        operation,
      );
      titles.add((await page.locator('#inspector-title').textContent())!);
      await expectTrue(page, '.inspector', run);
      await page.getByRole('button', { name: 'Next operation' }).click();
    }
    expect(titles.size).toBe(operationIds.length);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('goes from block to block and from head to head', async () => {
    const { page } = await site.visitReady();
    await page.getByRole('button', { name: 'Next block' }).click();
    await page.getByRole('button', { name: 'Previous head' }).click();
    await page.waitForFunction(() => /block=1&head=5/.test(location.hash));
    await page.getByRole('button', { name: 'Blocks after this one: 4' }).click();
    await page.waitForFunction(() => /block=2/.test(location.hash));
    await page.context().close();
  });

  test('stays with the block that was chosen after an operation was opened', async () => {
    const { page } = await site.visitReady();
    await page.locator('.inspector select').selectOption('mask');
    await page.getByTestId('why').locator('.number-shown').waitFor();
    await page.locator('[role=gridcell][data-block="5"][data-head="2"]').click();
    await page.waitForFunction(() => /block=5&head=2/.test(location.hash));
    const shown = page.getByTestId('why').locator('[data-tensor="blocks.5.attn.hook_attn_scores"]');
    await shown.first().waitFor();
    await page.context().close();
  });

  test('says what a step kept, and shows the rest coming through', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    await page.getByText('rows. Computed now: 1.').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    const reveal = page.getByTestId('reveal');
    expect(await reveal.getAttribute('class')).toContain('playing');
    // Any key ends it.
    await page.keyboard.press('Shift');
    await page.waitForFunction(() => !document.querySelector('.reveal.playing'));
    await page.context().close();
  });

  test('does not move where motion is unwanted', async () => {
    const { page } = await site.visitReady();
    await page.getByRole('button', { name: 'Replay' }).click();
    expect(await page.getByTestId('reveal').getAttribute('class')).not.toContain('playing');
    await page.context().close();
  });

  test('on a phone is the way of one token, from top to bottom', async () => {
    const { page } = await site.visitReady('', { viewport: { width: 360, height: 740 } });
    await page.locator('.flow li button').filter({ hasText: 'gelu' }).click();
    await page.getByTestId('why').locator('.number-shown').waitFor();
    expect(await page.locator('#inspector-title').textContent()).toBe('GELU');
    await page.context().close();
  });

  test.each([1, 3, 64, 128, 256])('draws %d tokens', async (tokens) => {
    const { page, complaints } = await site.visitReady();
    await page.fill('#prompt', ' the'.repeat(tokens));
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('[data-position]').length === wanted,
      tokens,
    );
    const { width, height } = (await stage(page).boundingBox())!;
    expect(height).toBeLessThanOrEqual(520);
    await stage(page).hover({ position: { x: 0.13 * width, y: height - 3 } });
    await page.locator('.flow .readout b').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
