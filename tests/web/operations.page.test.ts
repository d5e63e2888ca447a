/**
 * Each operation of the model, in each language, as somebody without a mouse meets it: chosen by the
 * keyboard, in words, as a formula, with the numbers of the run, and open to assistive technology.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { wholeGuide } from '../../web/src/guide/load_operations.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { overflow, Site, unfold } from './support/page.ts';

let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

const { texts: english } = await wholeGuide.en();
const { texts: chinese } = await wholeGuide['zh-CN']();
const visits: [string, typeof english, BrowserContextOptions][] = [
  ['English, light', english, { locale: 'en-GB', colorScheme: 'light' }],
  ['Chinese, dark', chinese, { locale: 'zh-CN', colorScheme: 'dark' }],
];

describe.each(visits)('in %s', (_name, texts, options) => {
  let page: Page;
  beforeAll(async () => {
    ({ page } = await site.visitReady('', options));
  });

  test.each(operationIds)('%s', async (operation) => {
    const inspector = page.locator('.inspector');
    const select = inspector.locator('select');
    await select.focus();
    await expect
      .poll(async () => {
        const at = (await select.inputValue()) as (typeof operationIds)[number];
        const way = operationIds.indexOf(operation) - operationIds.indexOf(at);
        if (way !== 0) await page.keyboard.press(way > 0 ? 'ArrowDown' : 'ArrowUp');
        return way;
      })
      .toBe(0);
    const about = inspector.locator('.about');
    await about.getByText(texts[operation].words.split('{')[0]!.slice(0, 40)).waitFor();
    const formulas = about.locator('[role=math]');
    await expect.poll(() => formulas.count()).toBe(2);
    expect(await formulas.first().getAttribute('aria-label')).toBe(texts[operation].formula);
    const numbers = about
      .locator('.filled math')
      .locator('[data-tensor],[data-stage],[data-source]');
    await numbers.first().waitFor();
    await unfold(inspector);
    expect(await violationsOn(page)).toEqual([]);
  });
});

test('on a phone a number of a vector is said with all its digits, and has its place', async () => {
  const { page } = await site.visitReady('#op=gelu&why=blocks.1.mlp.hook_post:9,3', {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  });
  const vectors = page.locator('.inspector figure', { has: page.locator('.plot') });
  const [input, output] = [vectors.nth(0), vectors.nth(1)];
  const exact = output.locator('[data-exact]');
  await exact.waitFor();
  const rounded = output.locator('.read b');
  const nearly = async () =>
    numberIn((await exact.textContent())!) / numberIn((await rounded.textContent())!);
  expect(await nearly()).toBeCloseTo(1, 3);
  const { x, width } = (await exact.boundingBox())!;
  expect(x >= 0 && x + width <= 360).toBe(true);
  // Where none is said yet, there is room for it: nothing moves as it comes.
  const heightIn = async (of: typeof input) => (await of.locator('.read').boundingBox())!.height;
  expect(await input.locator('[data-exact]').count()).toBe(0);
  expect(await heightIn(input)).toBeCloseTo(await heightIn(output), 0);
  // A tap says another.
  await output.locator('.plot').tap({ position: { x: 200, y: 20 } });
  await output.locator('[data-exact]:not([data-index="9, 3"])').waitFor();
  expect(await nearly()).toBeCloseTo(1, 3);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});
