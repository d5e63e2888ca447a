import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { article as en } from '../../web/src/guide/article.en.ts';
import { articleSections } from '../../web/src/guide/article.ts';
import { article as zhCN } from '../../web/src/guide/article.zh-CN.ts';
import { type Address, parseAddress } from '../../web/src/state/address.ts';
import { operationOf } from '../../web/src/view/focus.ts';
import violationsOn from './support/axe.ts';
import { overflow, Site } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

/** Where an address says no operation: that of its number, or the one that the page begins with. */
const operationShown = ({ why }: Address) => (why ? operationOf(why) : 'softmax');

async function opened(page: Page) {
  await page.locator('.article summary').click();
  await page.locator('#article-reading').waitFor();
}

const readers = [
  { locale: 'en-GB', colorScheme: 'light', texts: en },
  { locale: 'zh-CN', colorScheme: 'dark', texts: zhCN },
] as const;

describe.each(readers)('in $locale', ({ texts, ...reader }) => {
  test.each([
    [1440, 900],
    [390, 844],
  ])('at %d x %d, the article is whole, and axe finds nothing to mend', async (width, height) => {
    const viewport = { width, height };
    const { page, complaints } = await site.visitReady('', { ...reader, viewport });
    await opened(page);
    const titles = await page.locator('.article h3').allTextContents();
    expect(titles).toEqual([
      ...articleSections.map(({ id }) => texts.sections[id].title),
      texts.reading,
    ]);
    expect(await page.locator('.article article').textContent()).not.toMatch(/[{}]\w|undefined/);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await violationsOn(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

test('formulas are MathML, with the numbers of the model', async () => {
  const { page } = await site.visitReady();
  await opened(page);
  const foreign = await page.evaluate(
    () =>
      Array.from(document.querySelectorAll('math, math *')).filter(
        (node) => node.namespaceURI !== 'http://www.w3.org/1998/Math/MathML',
      ).length,
  );
  expect(foreign).toBe(0);
  const scale = page.getByRole('math', { name: /the square root of D, the width of a head/ });
  expect(await scale.locator('msqrt').textContent()).toBe('32');
});

test('its texts are fetched when it is opened, not with the page', async () => {
  const asked: string[] = [];
  const { page } = await site.visit('', {}, async (page) => {
    page.on('request', (request) => asked.push(request.url()));
  });
  await page.getByTestId('drawn').waitFor();
  const guides = () => asked.filter((url) => /(article|tour)\.(en|zh)/.test(url));
  expect(guides()).toEqual([]);
  await opened(page);
  expect(guides().length).toBeGreaterThan(0);
});

test('the contents lead to a section, and a section to the page', async () => {
  const { page } = await site.visitReady();
  await opened(page);
  await page.getByRole('button', { name: en.sections.logits.title, exact: true }).click();
  await page.locator('#article-logits:focus').waitFor();
  await page.getByRole('button', { name: `: ${en.sections.logits.title}` }).click();
  await page.locator('.pointed-at[data-focus=candidates]').waitFor();
  await page.waitForFunction(() => {
    const { top } = document.querySelector('.pointed-at')!.getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  });
});

test.each(articleSections)('the section $id leads to what it is about', async ({ id, state }) => {
  const { page } = await site.visitReady('#block=3&head=2');
  await opened(page);
  await page.getByRole('button', { name: `: ${en.sections[id].title}` }).click();
  const { focus } = state;
  const marked = page.locator('.pointed-at');
  await expect.poll(() => marked.getAttribute('data-focus')).toBe(focus);
  await expect
    .poll(() => marked.evaluate((element) => element.getBoundingClientRect().top))
    .toBeLessThan(900);
  // What is not spoken of stays: the block and the head, and the operation where there is none.
  const operation = 'operation' in state ? state.operation : 'softmax';
  const options = page.locator('.inspector select');
  await expect.poll(() => options.inputValue()).toBe(operation);
  const title = (await page.locator('#inspector-title').textContent())!;
  expect(await options.locator(`[value=${operation}]`).textContent()).toMatch(
    new RegExp(`\\d+ · ${title}$`),
  );
  const address = async () => parseAddress(new URL(page.url()).hash);
  await expect
    .poll(async () => (await address()).operation ?? operationShown(await address()))
    .toBe(operation);
  const { why, block, head } = await address();
  expect([block, head]).toEqual([3, 2]);
  if (!why) return;
  const number = page.getByTestId('why').locator('.number-shown');
  await number.waitFor();
  expect(await number.getAttribute('data-tensor')).toBe(why.name);
  expect(await number.getAttribute('data-index')).toBe(why.index.join(', '));
});

test('it speaks the other language where it stands open', async () => {
  const { page } = await site.visitReady();
  await opened(page);
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.getByRole('heading', { name: zhCN.sections.inside.title }).waitFor();
});
