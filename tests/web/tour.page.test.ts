import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { tour as en } from '../../web/src/guide/tour.en.ts';
import { type StageState, tourSteps } from '../../web/src/guide/tour.ts';
import { tour as zhCN } from '../../web/src/guide/tour.zh-CN.ts';
import { en as english } from '../../web/src/messages/en.ts';
import { zhCN as chinese } from '../../web/src/messages/zh-CN.ts';
import { parseAddress } from '../../web/src/state/address.ts';
import violationsOn from './support/axe.ts';
import { countReveals, overflow, ready, Site, whole } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const card = (page: Page) => page.locator('#tour');
const start = (page: Page) => page.locator('[data-tour-button]');
const title = (page: Page, name: string) =>
  card(page).getByRole('heading', { level: 2, name, exact: true });
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
async function expectPointed(page: Page, locale: string, { focus, operation }: StageState) {
  const marked = page.locator('.pointed-at');
  await expect.poll(() => marked.getAttribute('data-focus')).toBe(focus);
  if (operation) {
    await expect.poll(() => page.locator('.inspector select').inputValue()).toBe(operation);
    const words = locale === 'zh-CN' ? chinese : english;
    expect(await page.locator('#inspector-title').textContent()).toBe(
      words[`operation.${operation}`],
    );
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

/**
 * What the step speaks of can be seen: nothing of it is under the card, as far as it fits above, and its middle
 * is in front. Of what is higher than that, the beginning fills the room.
 */
async function expectClear(page: Page) {
  const seen = () =>
    page.evaluate(() => {
      const marked = document.querySelector('.pointed-at')!;
      // On a narrow screen the flow is a long list: a station of it.
      const target = marked.querySelector('li [aria-current=true]') ?? marked;
      const card = document.querySelector('#tour')!.getBoundingClientRect();
      const { top, bottom, left, right, height } = target.getBoundingClientRect();
      const seenTop = Math.max(top, 0);
      const seenBottom = Math.min(bottom, card.top);
      const hit = document.elementFromPoint((left + right) / 2, (seenTop + seenBottom) / 2);
      return {
        share: (seenBottom - seenTop) / Math.min(height, card.top),
        isInFront: hit !== null && target.contains(hit),
      };
    });
  await expect.poll(async () => (await seen()).share).toBeGreaterThan(0.9);
  expect((await seen()).isInFront).toBe(true);
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
        await expectPointed(page, locale, state);
        expect(await card(page).locator('h2').allTextContents()).toEqual([texts[id].title]);
        await expectClear(page);
        const box = (await card(page).boundingBox())!;
        expect(box.height).toBeLessThanOrEqual(0.38 * viewport.height + 1);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        if (index % 10 === 0) expect(await violationsOn(page)).toEqual([]);
        const isLast = index === tourSteps.length - 1;
        await card(page)
          .getByRole('button', { name: isLast ? finish : next })
          .click();
      }
      await card(page).waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
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
    });
  });
});

describe('the tour', () => {
  test('shows what each step says, in motion too, and leaves the rest as the reader has it', async () => {
    const { page } = await site.visitReady('#block=3&query=2', { reducedMotion: 'no-preference' });
    const revealed = await countReveals(page);
    const selected = () => {
      const { block, query, sampling } = parseAddress(new URL(page.url()).hash);
      return { block: block ?? 0, query: query ?? 'last', topP: sampling.topP };
    };
    let expected: ReturnType<typeof selected> = { block: 3, query: 2, topP: 1 };
    let reveals = 0;
    expect(selected()).toEqual(expected);
    await start(page).click();
    for (const { id, state } of tourSteps) {
      const { block, query, animate, operation, measure } = state;
      if (block !== undefined) expected = { ...expected, block };
      if (query !== undefined) expected = { ...expected, query };
      if (animate) reveals += 1;
      await title(page, en[id].title).waitFor();
      await tourInAddress(page, id);
      await expect.poll(selected).toEqual(expected);
      if (operation) {
        await expect.poll(() => page.locator('.inspector select').inputValue()).toBe(operation);
      }
      await expect.poll(revealed).toBe(reveals);
      // The measure that the step speaks of, and else the reader's.
      await page
        .locator('.measures [aria-pressed=true]', {
          hasText: measure === 'spread' ? 'Spread' : 'Pattern',
        })
        .waitFor();
      // What a step did not ask for, a reader may choose on the way.
      if (id === 'tokens') {
        await page.locator('[data-position="4"]').click();
        expected = { ...expected, query: 4 };
        await expect.poll(selected).toEqual(expected);
      }
      if (id === 'stream') {
        await page.keyboard.press(']');
        expected = { ...expected, block: 1 };
        await expect.poll(selected).toEqual(expected);
      }
      // Beside the words for the dot product stands the dot product, not the score that it is scaled to.
      if (id === 'scores') {
        const told = card(page).locator('.example [data-path=dot]');
        const shown = page.getByTestId('readout').locator('dd[data-tensor$=dot_products]');
        await expect.poll(() => told.textContent()).toBe(await shown.textContent());
        await card(page).getByRole('button', { name: 'Why?' }).click();
        await page.locator('#products:focus').getByTestId('sum').waitFor();
        expect(await page.getByTestId('sum').textContent()).toBe(await told.textContent());
      }
      // What is cut can be seen, and is put back with the next step.
      if (id === 'top-p') {
        await card(page).getByRole('button', { name: 'Lower p for this step' }).click();
        await expect.poll(selected).toEqual({ ...expected, topP: 0.9 });
        await card(page).getByRole('button', { name: 'Put p back' }).click();
        await expect.poll(selected).toEqual(expected);
        await card(page).getByRole('button', { name: 'Lower p for this step' }).click();
        await expect.poll(selected).toEqual({ ...expected, topP: 0.9 });
      }
      if (id === 'cache') {
        expect(await page.locator('.labels [aria-current=true]').allTextContents()).toEqual(['K']);
        await card(page).getByRole('button', { name: 'Generate a token' }).click();
        await expect.poll(() => page.getByTestId('flow-kept').count()).toBe(2);
        reveals += 1;
        await expect.poll(revealed).toBe(reveals);
      }
      await card(page)
        .getByRole('button', { name: /Next|Finish/ })
        .click();
    }
  });

  test('leads from its number to the terms of it', async () => {
    const { page } = await site.visitReady('#tour=why');
    await title(page, en.why.title).waitFor();
    await card(page).getByRole('button', { name: 'Why?' }).click();
    await page.locator('#why-title:focus').waitFor();
    // It is the number of the card that is explained, in sight above it.
    const [told, explained] = [
      card(page).locator('.example [data-tensor]'),
      page.getByTestId('why').locator('.number-shown'),
    ];
    for (const name of ['data-tensor', 'data-index']) {
      expect(await told.getAttribute(name)).toBe(await explained.getAttribute(name));
    }
    expect(await told.textContent()).toBe(await explained.textContent());
    await expect
      .poll(async () => {
        const { y, height } = (await page.locator('#why-title').boundingBox())!;
        return y >= 0 && y + height <= (await card(page).boundingBox())!.y;
      })
      .toBe(true);
  });

  test('does not open by itself', async () => {
    const { page } = await site.visitReady();
    expect(await card(page).count()).toBe(0);
    expect(await start(page).textContent()).toContain('Take the tour');
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
  });

  test('is in the address, with its step', async () => {
    const { page } = await site.visitReady('#tour=softmax&block=2&head=3');
    await title(page, en.softmax.title).waitFor();
    // The link's own selection comes before that of the step.
    await page.getByText('block 2 · head 3').waitFor();
    await card(page).getByRole('button', { name: 'Next' }).click();
    await tourInAddress(page, 'values');
  });

  test('of a link brings into sight what it points at, on a phone too', async () => {
    const { page } = await site.visitReady('#tour=cache', { viewport: windows[1]! });
    const pointedAt = page.locator('.flow li [aria-current=true]');
    const isSeen = async () => {
      const { y, height } = (await pointedAt.boundingBox())!;
      return y >= 0 && y + height <= (await card(page).boundingBox())!.y;
    };
    await card(page).getByRole('button', { name: 'Why?' }).waitFor();
    await expect.poll(isSeen).toBe(true);
  });

  test('keeps in sight what it points at while the page still grows, until the reader scrolls', async () => {
    const { page } = await site.visitReady('#tour=why');
    await card(page).getByRole('button', { name: 'Why?' }).waitFor();
    await whole(page);
    const top = async () => Math.round((await page.locator('.pointed-at').boundingBox())!.y);
    const grow = (by: number) =>
      page.evaluate((pixels) => {
        // The page's doing, not the browser's.
        document.documentElement.style.overflowAnchor = 'none';
        document.querySelector<HTMLElement>('.opening')!.style.paddingTop = `${pixels}px`;
      }, by);
    await expect.poll(top).toBe(12);
    await grow(400);
    await expect.poll(top).toBe(12);
    await page.mouse.move(700, 300);
    await page.mouse.wheel(0, -150);
    await expect.poll(top).toBe(162);
    await grow(500);
    await expect.poll(top).toBe(262);
    await page.waitForTimeout(300);
    expect(await top()).toBe(262);
  });

  test('speaks the other language without losing its step', async () => {
    const { page } = await site.visitReady('#tour=gelu');
    await title(page, en.gelu.title).waitFor();
    await page.getByRole('button', { name: '切换到中文' }).click();
    await title(page, zhCN.gelu.title).waitFor();
    await tourInAddress(page, 'gelu');
  });

  test('tells the numbers that the page shows', async () => {
    const { page } = await site.visitReady('#tour=softmax');
    const words = card(page).locator('.words p').first();
    await title(page, en.softmax.title).waitFor();
    const weight = () => page.getByTestId('readout').locator('dd[data-tensor]').textContent();
    const expectTold = () =>
      expect
        .poll(async () => (await words.textContent())!.includes(`, with ${await weight()}.`))
        .toBe(true);
    await expectTold();
    const before = await words.textContent();
    await page.evaluate(() => (location.hash = '#tour=softmax&block=1'));
    await expect.poll(() => words.textContent()).not.toBe(before);
    await expectTold();
  });

  test('gives for an example nothing of another operation that the reader turns to', async () => {
    const { page } = await site.visitReady('#tour=norm');
    const example = card(page).locator('.example');
    await example.waitFor();
    await page.getByRole('button', { name: 'Next operation' }).click();
    await example.waitFor({ state: 'detached' });
    await title(page, en.norm.title).waitFor();
  });

  test('lends the map another measure, and keeps the own one in the address', async () => {
    const { page } = await site.visitReady('#tour=single');
    const spread = page.getByRole('button', { name: 'Spread', pressed: true });
    await spread.waitFor();
    await tourInAddress(page, 'single');
    expect(page.url()).not.toContain('map=');
    await page.reload();
    await spread.waitFor();
    await card(page).getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Pattern', pressed: true }).waitFor();
    // What is picked by hand stays, in this step and after it.
    await card(page).getByRole('button', { name: 'Next' }).click();
    await spread.waitFor();
    await page.getByRole('button', { name: 'Strength' }).click();
    await card(page).getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Strength', pressed: true }).waitFor();
    await expect.poll(() => page.url()).toContain('map=strength');
  });

  test('puts top-p back only while it is the one of the card', async () => {
    const { page } = await site.visitReady('#tour=top-p');
    const lower = card(page).getByRole('button', { name: 'Lower p for this step' });
    await lower.click();
    const back = card(page).getByRole('button', { name: 'Put p back' });
    await back.waitFor();
    const slider = page.getByRole('slider', { name: 'Top-p' });
    await slider.fill('0.5');
    await back.waitFor({ state: 'detached' });
    await slider.fill('1');
    await lower.click();
    await back.click();
    await expect.poll(() => page.url()).not.toContain('p=0.');
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
  });

  test('covers nothing that cannot be scrolled into sight', async () => {
    for (const viewport of windows) {
      const { page } = await site.visitReady('#tour=why', { viewport });
      await title(page, en.why.title).waitFor();
      await card(page).getByRole('button', { name: 'Why?' }).waitFor();
      await page.getByTestId('why').locator('.number-shown').waitFor();
      await whole(page);
      // What is kept for offline use is told at the page's end, once it is.
      const covered = async () => {
        await card(page).press('End');
        const { y, height } = (await page.locator('footer section').last().boundingBox())!;
        return y + height - (await card(page).boundingBox())!.y;
      };
      await expect.poll(covered).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  });

  test('says so where its texts cannot be had, and tries again', async () => {
    const { page } = await site.visitReady();
    await page.route(/tour\.en/, (route) => route.abort());
    await start(page).click();
    await card(page).getByText('This part of the page could not be loaded.').waitFor();
    await page.unroute(/tour\.en/);
    await card(page).getByRole('button', { name: 'Try again' }).click();
    await title(page, en.prediction.title).waitFor();
  });
});
