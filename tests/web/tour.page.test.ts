import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { tour as en } from '../../web/src/guide/tour.en.ts';
import { type StageState, tourSteps } from '../../web/src/guide/tour.ts';
import { tour as zhCN } from '../../web/src/guide/tour.zh-CN.ts';
import violationsOn from './support/axe.ts';
import { ready, Site, whole } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const card = (page: Page) => page.locator('#tour');
const start = (page: Page) => page.locator('[data-tour-button]');
const title = (page: Page, text: string) => card(page).getByRole('heading', { name: text });
const tourInAddress = (page: Page, id: string | null) =>
  page.waitForFunction(
    (wanted) => new URLSearchParams(location.hash.slice(1)).get('tour') === wanted,
    id,
  );
const focusInCard = (page: Page) =>
  page.evaluate(() => document.querySelector('#tour')?.contains(document.activeElement));

/** Nothing of the page's own braces, and no value that is missing. */
async function expectFilled(page: Page) {
  await expect
    .poll(() => card(page).locator('.words p').first().textContent())
    .not.toMatch(/[{}…]|undefined|NaN/);
}

/** What the step speaks of is marked, its operation is open, and where it begins is not under the card. */
async function expectPointed(page: Page, { focus, operation }: StageState) {
  const marked = page.locator('.pointed-at');
  await expect.poll(() => marked.getAttribute('data-focus')).toBe(focus);
  if (operation) {
    await expect.poll(() => page.locator('.inspector select').inputValue()).toBe(operation);
  }
  await expect
    .poll(async () => {
      const top = await marked.evaluate(
        // On a narrow screen the flow is a long list: a station of it.
        (element) =>
          (element.querySelector('li [aria-current=true]') ?? element).getBoundingClientRect().top,
      );
      return top >= -1 && top < (await card(page).boundingBox())!.y - 20;
    })
    .toBe(true);
}

const readers = [
  { locale: 'en-GB', texts: en, next: 'Next', finish: 'Finish' },
  { locale: 'zh-CN', texts: zhCN, next: '下一步', finish: '完成' },
];
const windows = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

describe.each(readers)('in $locale', ({ locale, texts, next, finish }) => {
  describe.each(windows)('at $width x $height', (viewport) => {
    test('the tour leads to its end by clicks', async () => {
      const { page, complaints } = await site.visitReady('', { locale, viewport });
      await start(page).click();
      for (const [index, { id, state }] of tourSteps.entries()) {
        await title(page, texts[id].title).waitFor();
        await expectFilled(page);
        await expectPointed(page, state);
        const box = (await card(page).boundingBox())!;
        expect(box.height).toBeLessThanOrEqual(0.38 * viewport.height + 1);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(
          viewport.width,
        );
        if (index % 10 === 0) expect(await violationsOn(page)).toEqual([]);
        const isLast = index === tourSteps.length - 1;
        await card(page)
          .getByRole('button', { name: isLast ? finish : next })
          .click();
      }
      await card(page).waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    test('the tour leads to its end by keyboard, and back to where it began', async () => {
      const { page, complaints } = await site.visitReady('', { locale, viewport });
      await start(page).focus();
      await page.keyboard.press('Enter');
      for (const { id } of tourSteps) {
        await title(page, texts[id].title).waitFor();
        await expect.poll(() => focusInCard(page)).toBe(true);
        await page.keyboard.press('ArrowRight');
      }
      // Only the button ends it: an arrow pressed once too often does not.
      await title(page, texts.why.title).waitFor();
      await page.keyboard.press('ArrowLeft');
      await title(page, texts.single.title).waitFor();
      await page.keyboard.press('Escape');
      await card(page).waitFor({ state: 'detached' });
      await page.locator('[data-tour-button]:focus').waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  });
});

describe('the tour', () => {
  test('does not open by itself', async () => {
    const { page } = await site.visitReady();
    expect(await card(page).count()).toBe(0);
    expect(await start(page).textContent()).toContain('Take the tour');
    await page.context().close();
  });

  test('goes on where it was left, on a later visit too', async () => {
    const { page } = await site.visitReady();
    await start(page).click();
    await card(page).getByLabel('Step').selectOption('9');
    await title(page, en.mask.title).waitFor();
    await page.keyboard.press('Escape');
    await card(page).waitFor({ state: 'detached' });
    await tourInAddress(page, null);
    await page.reload();
    await ready(page);
    expect(await card(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Go on with the tour' }).click();
    await title(page, en.mask.title).waitFor();
    await page.context().close();
  });

  test('is in the address, with its step', async () => {
    const { page } = await site.visitReady('#tour=softmax&block=2&head=3');
    await title(page, en.softmax.title).waitFor();
    // The link's own selection comes before that of the step.
    await page.getByText('block 2 · head 3').waitFor();
    await card(page).getByRole('button', { name: 'Next' }).click();
    await tourInAddress(page, 'values');
    await page.context().close();
  });

  test('speaks the other language without losing its step', async () => {
    const { page } = await site.visitReady('#tour=gelu');
    await title(page, en.gelu.title).waitFor();
    await page.getByRole('button', { name: '切换到中文' }).click();
    await title(page, zhCN.gelu.title).waitFor();
    await tourInAddress(page, 'gelu');
    await page.context().close();
  });

  test('tells the numbers that the page shows', async () => {
    const { page } = await site.visitReady('#tour=softmax');
    const words = card(page).locator('.words p').first();
    await title(page, en.softmax.title).waitFor();
    const weight = () => page.getByTestId('readout').locator('[data-tensor]').textContent();
    const expectTold = () =>
      expect
        .poll(async () =>
          (await words.textContent())!.includes(`with a weight of ${await weight()}.`),
        )
        .toBe(true);
    await expectTold();
    const before = await words.textContent();
    await page.keyboard.press(']');
    await expect.poll(() => words.textContent()).not.toBe(before);
    await expectTold();
    await page.context().close();
  });

  test('stands on a single token as on many', async () => {
    const { page, complaints } = await site.visitReady('#text=The&tour=tokens');
    await card(page).getByText('1 token here').waitFor();
    for (const { id } of tourSteps.slice(1)) {
      await title(page, en[id].title).waitFor();
      await expectFilled(page);
      await card(page)
        .getByRole('button', { name: /Next|Finish/ })
        .click();
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('covers nothing that cannot be scrolled into sight', async () => {
    for (const viewport of windows) {
      const { page } = await site.visitReady('#tour=why', { viewport });
      await title(page, en.why.title).waitFor();
      await card(page).getByRole('button', { name: 'What it is made of' }).waitFor();
      await page.getByTestId('why').locator('.number-shown').waitFor();
      await whole(page);
      await page.evaluate(() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }));
      const top = (await card(page).boundingBox())!.y;
      const words = (await page.locator('footer section').last().boundingBox())!;
      expect(words.y + words.height).toBeLessThanOrEqual(top);
      await page.context().close();
    }
  });

  test('says so where its texts cannot be had, and tries again', async () => {
    const { page } = await site.visitReady();
    await page.route(/tour\.en/, (route) => route.abort());
    await start(page).click();
    await card(page).getByText('This text could not be loaded.').waitFor();
    await page.unroute(/tour\.en/);
    await card(page).getByRole('button', { name: 'Try again' }).click();
    await title(page, en.prediction.title).waitFor();
    await page.context().close();
  });
});
