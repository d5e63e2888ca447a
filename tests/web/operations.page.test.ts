/**
 * Each operation of the model, in each language, as somebody without a mouse meets it: chosen by the
 * keyboard, in words, as a formula, with the numbers of the run, and open to assistive technology.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { operations as english } from '../../web/src/guide/operations.en.ts';
import { operations as chinese } from '../../web/src/guide/operations.zh-CN.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import violationsOn from './support/axe.ts';
import { Site, unfold } from './support/page.ts';

let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

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
