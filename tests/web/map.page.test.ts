import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attentionSpread } from '../../web/src/view/attention.ts';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, Site, waitForText, whole } from './support/page.ts';
import { printedIn } from './support/shown_numbers.ts';

let site: Site;
let model: Model;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('../../weights/stories/', import.meta.url));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

/** The same measures, from the package and by other means than the page's. */
const truths = {
  spread: async (ids: number[], block: number, head: number) => {
    const name = `blocks.${block}.attn.hook_pattern` as const;
    const { cache } = await model.runWithCache(ids, { names: [name] });
    const { data } = cache.get(name);
    return attentionSpread({ heads: 6, tokens: ids.length, data }, head);
  },
  strength: async (ids: number[], block: number, head: number) => {
    const name = `blocks.${block}.attn.hook_result` as const;
    const { cache } = await model.runWithCache(ids, { names: [name] });
    return Math.hypot(...cache.get(name).slice(ids.length - 1, head).data);
  },
  contribution: async (ids: number[], block: number, head: number) => {
    const { terms } = await model.logitAttribution(ids);
    return terms.find((term) => term.block === block && term.head === head)!.value;
  },
} as const;
type Measure = keyof typeof truths;

const panel = (page: Page) => page.locator('[data-focus=map]');
const pick = (page: Page, name: string) =>
  panel(page).getByRole('button', { name, exact: true }).click();
const cell = (page: Page, block: number, head: number) =>
  page.locator(`[role=gridcell][data-block="${block}"][data-head="${head}"]`);
const compact = (page: Page) => page.locator('.flow .compact [role=slider]');
const shown = (page: Page, measure: Measure, block: number, head: number, within = '.panels') =>
  page.locator(`${within} [data-source=map][data-path="${measure}.${block}.${head}"]`);

async function expectShown(page: Page, measure: Measure, block: number, head: number) {
  const number = shown(page, measure, block, head);
  await number.waitFor();
  const truth = await truths[measure](await idsOn(page), block, head);
  const [text] = printedIn((await number.textContent())!);
  // Node and browsers compute with other instructions; four digits are printed.
  expect(Math.abs(numberIn(text!) - truth)).toBeLessThan(6e-4 * Math.max(1, Math.abs(truth)));
  // Those who listen hear the same.
  const label = await cell(page, block, head).getAttribute('aria-label');
  expect(label).toBe(`Block ${block}, head ${head}, ${measure} ${text}`);
}

test.each(['spread', 'strength', 'contribution'] as const)(
  'the %s of a head is the package’s, under the pointer and at the keyboard, and in a link',
  async (measure) => {
    const { page, complaints } = await site.visitReady(`#map=${measure}`);
    for (const [block, head] of [
      [0, 0],
      [3, 1],
      [5, 5],
    ] as const) {
      await cell(page, block, head).hover();
      await expectShown(page, measure, block, head);
    }
    await page.mouse.move(0, 0);
    await cell(page, 0, 0).focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End']) await page.keyboard.press(key);
    await expectShown(page, measure, 2, 5);

    // Another text has other numbers.
    await page.fill('#prompt', 'The dog saw a cat and the');
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 7);
    await expectShown(page, measure, 2, 5);
    await page.waitForURL(new RegExp(`map=${measure}`));
    expect(complaints).toEqual([]);
  },
);

describe('the measure that is picked', () => {
  test('alone is worked out, names the token, has a legend and goes into the address', async () => {
    const { page } = await site.visitReady();
    expect(await page.locator('[data-source=map]').count()).toBe(0);
    await pick(page, 'Contribution');
    await shown(page, 'contribution', 0, 0).waitFor();
    const { token, terms } = await model.logitAttribution(await idsOn(page));
    const label = model.tokenizer.decode([token]).trim();
    expect(await panel(page).locator('.hint').first().textContent()).toContain(label);
    const limit = Math.max(
      ...terms.filter(({ kind }) => kind === 'head').map(({ value }) => Math.abs(value)),
    );
    const ticks = await panel(page).locator('.ticks span').allTextContents();
    expect(ticks[1]).toBe('0');
    expect(Math.abs(numberIn(ticks[2]!.slice(1)) - limit)).toBeLessThan(6e-3 * limit);
    expect(numberIn(ticks[0]!)).toBe(-numberIn(ticks[2]!.slice(1)));
    await page.waitForURL(/map=contribution/);
    await pick(page, 'Pattern');
    await page.waitForURL((url) => !url.hash.includes('map='));
    expect(await page.locator('[data-source=map]').count()).toBe(0);
  });

  test('follows a text that is being typed, and a model that is changed', async () => {
    const { page, complaints } = await site.visitReady('#map=contribution');
    await page.locator('#prompt').focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' who liked to play in the garden', { delay: 15 });
    await waitForText(page);
    await expectShown(page, 'contribution', 0, 0);
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
    await shown(page, 'contribution', 0, 0).waitFor();
    await page.fill('#prompt', '');
    await page.waitForFunction(() => document.querySelectorAll('[data-source=map]').length === 0);
    expect(complaints).toEqual([]);
  });
});

describe('the small map above the flow', () => {
  test.each([
    [{ width: 1440, height: 900 }, false],
    [{ width: 360, height: 740 }, true],
  ])('at %o takes one to any head in one click', async (viewport, hasTouch) => {
    const { page } = await site.visitReady('#map=spread', { viewport, hasTouch });
    const map = compact(page);
    const box = (await map.boundingBox())!;
    const pitch = hasTouch ? 16 : 8;
    for (const [block, head] of [
      [5, 0],
      [2, 4],
    ] as const) {
      const position = { x: head * pitch + 3, y: block * pitch + 3 };
      await (hasTouch ? map.tap({ position }) : map.click({ position }));
      expect(await cell(page, block, head).getAttribute('aria-selected')).toBe('true');
      expect(await map.getAttribute('aria-valuetext')).toContain(`Block ${block}, head ${head}`);
    }
    if (!hasTouch) {
      // Without scrolling, and nothing moves when it says what is under the pointer.
      expect(box.y + box.height).toBeLessThan(viewport.height);
      await shown(page, 'spread', 2, 4, '.flow').waitFor();
      expect(await map.boundingBox()).toEqual(box);
    }
  });

  test('is walked with the arrow keys', async () => {
    const { page } = await site.visitReady();
    await compact(page).focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    expect(await cell(page, 2, 1).getAttribute('aria-selected')).toBe('true');
    expect(await page.locator('.compact .read').textContent()).toContain('Block 2, head 1');
    // The keyboard stays here.
    expect(await compact(page).evaluate((node) => node === document.activeElement)).toBe(true);
  });
});

test('beside the panels the map stays in sight', async () => {
  const { page } = await site.visitReady('', { viewport: { width: 1440, height: 700 } });
  await whole(page);
  await page.evaluate(() => {
    const { bottom } = document.querySelector('.inspector')!.getBoundingClientRect();
    scrollBy(0, bottom - 600);
  });
  const { y } = (await panel(page).boundingBox())!;
  expect(y).toBeGreaterThanOrEqual(0);
  expect(y).toBeLessThan(300);
});

test.each([
  [1440, 900],
  [390, 844],
])('at %d x %d, where no map is in sight a button opens it', async (width, height) => {
  const viewport = { width, height };
  const { page } = await site.visitReady('', { viewport, hasTouch: width < 500 });
  await whole(page);
  const button = page.getByRole('button', { name: /^block 0 · head 0\s+Map of blocks/ });
  await compact(page).scrollIntoViewIfNeeded();
  await button.waitFor({ state: 'detached' });
  await page.locator('.article summary').click();
  await page.locator('.article h3').nth(4).scrollIntoViewIfNeeded();
  await button.waitFor();
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Blocks and heads' });
  await dialog.waitFor();
  expect(await violationsOn(page)).toEqual([]);
  // The keyboard is led to the head that is on screen.
  await page.keyboard.press('Tab');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('block=2&head=1');
  await dialog.locator('[data-block="4"][data-head="3"]').click();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain('block=4&head=3');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  const again = page.getByRole('button', { name: /^block 4 · head 3\s+Map of blocks/ });
  expect(await again.evaluate((node) => node === document.activeElement)).toBe(true);
  // A map with its own place on the page is enough.
  await page.locator('#map-title').scrollIntoViewIfNeeded();
  await again.waitFor({ state: 'detached' });
});
