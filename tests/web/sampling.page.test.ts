import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../web/src/state/address.ts';
import { tokenLabel } from '../../web/src/view/token_text.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, overflow, Site, waitForTokens, whole } from './support/page.ts';
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

const seed = (page: Page) => page.getByRole('spinbutton', { name: 'Seed' });
const settings = (page: Page) => page.locator('.settings');
const hashHas = (page: Page, part: string) => page.waitForURL((url) => url.hash.includes(part));

async function write(field: ReturnType<typeof seed>, text: string) {
  await field.fill(text);
  await field.press('Tab');
}

/** What the package draws from the same text with the settings of the address. */
async function drawn(page: Page) {
  const ids = await idsOn(page);
  const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
  const { greedy, temperature, ...rest } = parseAddress(new URL(page.url()).hash).sampling;
  const options = { ...rest, temperature: greedy ? 0 : temperature, step: ids.length };
  return model.sample(logits.data, options);
}

describe('the seed', () => {
  test('decides the draw and the token, and goes into the address', async () => {
    // Warm, so that seeds differ in what they draw.
    const { page } = await site.visitReady('#temperature=1.8&topk=0&text=The');
    const tokens = new Set<number>();
    for (const value of ['7', '0', '12345', '4294967295']) {
      await write(seed(page), value);
      await hashHas(page, `seed=${value}`);
      const { draw, token } = await drawn(page);
      tokens.add(token);
      const [said] = printedIn(
        (await page.locator('[data-stage=draw]').first().textContent())!,
      ).slice(-1);
      expect(Math.abs(numberIn(said!) - draw)).toBeLessThan(6e-5);
      const label = tokenLabel(model.tokenizer.decodeBytes([token]));
      expect((await page.getByTestId('drawn').first().textContent())!.trim()).toBe(label.trim());
      expect(await settings(page).textContent()).toContain(`Seed ${value}`);
    }
    expect(tokens.size).toBeGreaterThan(1);
    const { token } = await drawn(page);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 2);
    expect((await idsOn(page)).at(-1)).toBe(token);
  });

  test('that is none goes back to the one before', async () => {
    const { page } = await site.visitReady('#seed=9');
    for (const wrong of ['-1', '4294967296', '']) {
      await write(seed(page), wrong);
      expect(await seed(page).inputValue()).toBe('9');
    }
    await page.waitForTimeout(400);
    expect(new URL(page.url()).hash).toContain('seed=9');
    await page.getByRole('button', { name: 'New seed' }).click();
    await page.waitForURL((url) => !/seed=9(&|$)/.test(url.hash));
    expect(Number(await seed(page).inputValue())).toBe(
      parseAddress(new URL(page.url()).hash).sampling.seed,
    );
  });
});

test('greedy takes the most probable token, and nothing else can be set', async () => {
  const { page } = await site.visitReady('#temperature=2&seed=3');
  const greedy = page.getByRole('checkbox', { name: 'Greedy' });
  await greedy.check();
  await hashHas(page, 'greedy=1');
  const sliders = page.locator('fieldset input[type=range]');
  expect(await sliders.count()).toBe(3);
  for (const slider of await sliders.all()) expect(await slider.isDisabled()).toBe(true);
  expect(await seed(page).isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'New seed' }).isDisabled()).toBe(true);
  expect(await settings(page).textContent()).toBe('Greedy');
  const { token, order } = await drawn(page);
  expect(token).toBe(order[0]);
  const count = (await idsOn(page)).length;
  await page.getByRole('button', { name: 'Generate a token' }).click();
  await waitForTokens(page, count + 1);
  expect((await idsOn(page)).at(-1)).toBe(token);
  await greedy.uncheck();
  for (const slider of await sliders.all()) expect(await slider.isDisabled()).toBe(false);
});

describe('the settings in use', () => {
  test.each([
    ['en-GB', '#topp=0.7', 'Temperature 0.80 · Top-k 40 · Top-p 70.0% · Seed 1'],
    ['zh-CN', '#topk=0&temperature=1.3&seed=5', '温度 1.30 · 种子 5'],
  ])('in %s, are said beside the button that generates', async (locale, hash, words) => {
    const { page } = await site.visitReady(hash, { locale });
    expect(await settings(page).textContent()).toBe(words);
    await page.locator('fieldset input[type=range]').first().fill('0.5');
    await settings(page).filter({ hasText: '0.50' }).waitFor();
  });

  test.each([
    [{ width: 1440, height: 900 }, ''],
    [{ width: 360, height: 740 }, ''],
    [{ width: 1440, height: 900 }, '#greedy=1'],
  ])('lead to the controls: at %o, with %s', async (viewport, hash) => {
    const { page } = await site.visitReady(hash, { viewport });
    const bar = settings(page);
    expect(await bar.isVisible()).toBe(true);
    await bar.focus();
    await page.keyboard.press('Enter');
    const focused = page.locator('[data-focus=sampling] input:focus');
    await focused.waitFor();
    expect(await focused.getAttribute('type')).toBe(hash ? 'checkbox' : 'range');
    await whole(page);
    const { y, height } = (await focused.boundingBox())!;
    expect(y).toBeGreaterThan(0);
    expect(y + height).toBeLessThan(viewport.height - 90);
  });
});

describe('the formulas with the numbers of the draw', () => {
  const filled = (page: Page) => page.locator('.inspector .filled');
  /** To an operation, as a person goes there, and once its formula has numbers. */
  async function goTo(page: Page, operation: string, mark: string) {
    await page.locator('.inspector select').selectOption(operation);
    await filled(page).locator(mark).first().waitFor();
  }
  const shown = async (page: Page, mark: string) =>
    numberIn((await filled(page).locator(mark).first().textContent())!);

  test.each([
    ['en-GB', 1440, 'Greedy: top-k and top-p do not apply'],
    ['zh-CN', 360, '贪心：top-k 和 top-p 不起作用'],
  ])('say in %s, %d wide, what greedy does', async (locale, width, words) => {
    const viewport = { width, height: 800 };
    const { page } = await site.visitReady('#model=stories&greedy=1', { locale, viewport });
    const { token, logits } = await drawn(page);
    for (const operation of ['topK', 'topP', 'sampling']) {
      await goTo(page, operation, '[data-stage=filtered]');
      await filled(page).getByText(words).waitFor();
      expect(await shown(page, '[data-stage=token]')).toBe(token);
      expect(await shown(page, '[data-stage=logits]')).toBeCloseTo(logits[token]!, 2);
      expect(await shown(page, '[data-stage=filtered]')).toBe(1);
    }
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });

  test('top-k shows what it alone makes, also where top-p cuts more', async () => {
    const { page } = await site.visitReady('#temperature=1.8&topp=0.6');
    await goTo(page, 'topK', '[data-source=keptByTopK]');
    const { token, filtered, order } = await drawn(page);
    const ids = await idsOn(page);
    const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
    const alone = model.sample(logits.data, { temperature: 1.8, topK: 40 }).filtered[token]!;
    expect(filtered[token]).toBeGreaterThan(alone);
    expect(await shown(page, '[data-source=keptByTopK]')).toBeCloseTo(alone, 3);
    expect(await shown(page, '[data-source=rank]')).toBe(order.indexOf(token) + 1);
  });
});

test('a rank is printed as all counts of the page are, however low it is', async () => {
  const { page } = await site.visitReady();
  const { order } = await drawn(page);
  const token = order[3119]!;
  const last = (await idsOn(page)).length - 1;
  const hash = `op=temperature&why=probabilities:${last},${token}`;
  await page.evaluate((hash) => (location.hash = hash), hash);
  const rank = page.locator(`.inspector small[data-source=rank][data-token="${token}"]`);
  await rank.waitFor();
  expect(await rank.textContent()).toBe('rank 3,120');
});
