// "Why this number?": reached by mouse, by keyboard and by link; every number in it is the package's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Explanation, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, overflow, Site, waitForTokens } from './support/page.ts';

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

const why = (page: Page) => page.getByTestId('why');

/** The explanation, once it is of this number, compared with the package's own explanation. */
async function expectExplained(page: Page, name: string, index: number[]): Promise<Explanation> {
  const shown = why(page).locator(
    `.number-shown[data-tensor="${name}"][data-index="${index.join(', ')}"]`,
  );
  await shown.waitFor();
  const expected = await model.explain(await idsOn(page), name, index, { terms: 8 });
  // Four digits are printed, and relaxed SIMD rounds in its own way.
  const near = (text: string | null, value: number) =>
    expect(Math.abs(numberIn(text!) - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-5);
  near(await shown.textContent(), expected.value);
  if (expected.terms.length === 1 && expected.others === 0) {
    // Of one term there is nothing to add up.
    near(await why(page).locator('.single .value').first().textContent(), expected.value);
    return expected;
  }
  const table = why(page).locator('table').first();
  const values = await table.locator('tbody .value').allTextContents();
  expect(values).toHaveLength(expected.terms.length + (expected.others > 0 ? 1 : 0));
  for (const [place, term] of expected.terms.entries()) near(values[place]!, term.value);
  near(await table.locator('tfoot .value').textContent(), expected.total);
  return expected;
}

describe('why this number', () => {
  test('is said of the weight that was clicked', async () => {
    const { page, complaints } = await site.visitReady('#block=3&head=1');
    const matrix = page.locator('.attention .plot canvas');
    const { width, height } = (await matrix.boundingBox())!;
    await matrix.click({ position: { x: (4.5 * width) / 10, y: (7.5 * height) / 10 } });
    await page.getByTestId('readout').getByRole('button').click();
    await expectExplained(page, 'blocks.3.attn.hook_pattern', [1, 7, 4]);
    expect(await why(page).locator('.places').textContent()).toContain('head 1');
    // From now on it is said of each weight that is clicked.
    await matrix.click({ position: { x: (2.5 * width) / 10, y: (6.5 * height) / 10 } });
    await expectExplained(page, 'blocks.3.attn.hook_pattern', [1, 6, 2]);
    expect(complaints).toEqual([]);
  });

  test('goes on to what it is made of, and back, by keyboard', async () => {
    const { page } = await site.visitReady();
    const row = page.locator('tbody tr[data-id]').first();
    const id = Number(await row.getAttribute('data-id'));
    await row.locator('[data-tensor] button').focus();
    await page.keyboard.press('Enter');
    const logit = await expectExplained(page, 'logits', [9, id]);
    // The heading has the focus: the next stop is the first factor.
    await page.waitForFunction(() => document.activeElement?.id === 'why-title');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const [first] = logit.terms[0]!.factors;
    await expectExplained(page, first!.madeOf!, [...first!.index]);
    await why(page).getByRole('button', { name: 'Back' }).click();
    await expectExplained(page, 'logits', [9, id]);
  });

  test('brings the whole page to the factor it goes on to', async () => {
    const { page } = await site.visitReady('#why=blocks.2.hook_mlp_out:3,17');
    const output = await expectExplained(page, 'blocks.2.hook_mlp_out', [3, 17]);
    const neuron = output.terms[0]!.factors.find(({ name }) => name.includes('hook_post'))!;
    await why(page).locator('.factors button').first().click();
    await expectExplained(page, neuron.name, [...neuron.index]);
    await page.getByRole('heading', { name: 'GELU' }).waitFor();
    await page.locator('.chip[aria-pressed=true][data-position="3"]').waitFor();
    await page.waitForFunction(() => location.hash.includes('block=2'));
  });

  test.each([
    ['blocks.2.ln2.hook_scale', [3, 0]],
    ['blocks.0.mlp.hook_post', [4, 100]],
    ['blocks.4.hook_attn_out', [2, 7]],
    ['blocks.5.hook_resid_post', [9, 191]],
    ['blocks.1.attn.hook_attn_scores', [2, 6, 3]],
  ])('is in the address: %s', async (name, index) => {
    const { page } = await site.visit(`#why=${name}:${index.join(',')}`);
    await expectExplained(page, name, index);
  });

  test('goes on with a number of another model, where the old one has none', async () => {
    const { page } = await site.visitReady('#why=blocks.5.hook_mlp_out:3,180');
    await why(page).locator('.number-shown').waitFor();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('nano');
    await why(page).locator('.number-shown[data-tensor="blocks.1.hook_mlp_out"]').waitFor();
    expect(await why(page).getByRole('alert').count()).toBe(0);
  });

  test('goes with its text, and with its model where the next one refuses the text', async () => {
    const { page, complaints } = await site.visitReady('#why=blocks.0.mlp.hook_post:4,100');
    await why(page).locator('.number-shown').waitFor();
    await page.locator('[data-focus=truth]').scrollIntoViewIfNeeded();
    await page.locator('[data-identity]').first().waitFor({ timeout: 40_000 });
    const left = () => page.locator('.number-shown, [data-identity]').count();
    await page.fill('#prompt', '');
    await expect.poll(left).toBe(0);
    expect(await why(page).textContent()).not.toContain('Working it out');
    await page.fill('#prompt', 'Once upon a time, there was');
    await why(page).locator('.number-shown').waitFor();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('nano');
    await page.getByText('This model has no token for n').waitFor();
    await expect.poll(left).toBe(0);
    await page.fill('#prompt', 'GLASS=');
    await why(page).locator('.number-shown').waitFor();
    expect(complaints).toEqual([]);
  });

  test('has bars on one scale, also of the terms that are not listed', async () => {
    const { page } = await site.visitReady('#why=logits:9,1372');
    await why(page).locator('tr.others').waitFor();
    const bars = await why(page)
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => ({
          text: row.querySelector('td.value')!.textContent,
          length: row.querySelector('.bar')!.getBoundingClientRect().width,
        })),
      );
    const longest = bars.find(({ text }) => text === bars.at(-1)!.text)!;
    // Most of this logit is in what is not listed.
    for (const { text, length } of bars) {
      const share = Math.abs(numberIn(text) / numberIn(longest.text));
      expect(share).toBeLessThanOrEqual(1);
      expect(Math.abs(length / longest.length - share)).toBeLessThan(0.03);
    }
  });

  test('says that nothing can be said of what is not there', async () => {
    const { page } = await site.visit('#why=blocks.9.hook_resid_pre:0,0');
    await why(page).getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Next operation' }).click();
    await why(page).locator('.number-shown').waitFor();
  });

  test.each([
    ['light', 'en-GB', 1440, 900],
    ['dark', 'zh-CN', 390, 844],
  ] as const)(
    'in %s, %s: axe finds nothing to mend',
    async (colorScheme, locale, width, height) => {
      const options = { colorScheme, locale, viewport: { width, height } };
      const { page } = await site.visit('#why=blocks.1.hook_resid_mid:3,17', options);
      await why(page).locator('table').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    },
  );
});

describe('why the next token is as probable', () => {
  const probability = (page: Page, place: number) =>
    page.locator('[data-focus=candidates] tr[data-id] .probability button').nth(place);
  const idOf = (page: Page, place: number) =>
    page.locator('[data-focus=candidates] tr[data-id]').nth(place).getAttribute('data-id');

  /** What the package's sampler makes of the text on screen. */
  async function stagesOf(of: Model, page: Page, temperature: number) {
    const { logits } = await of.runWithCache(await idsOn(page), { names: [], logits: 'last' });
    return of.sample(logits.data, { temperature });
  }

  /** The number that was asked about, in words and in the formula, from its logit on. */
  async function expectTempered(page: Page, of: Model, id: number, temperature: number) {
    const { logits, scaled, probabilities, order } = await stagesOf(of, page, temperature);
    const told = page.getByTestId('tempered');
    await told.locator(`.number-large[data-token="${id}"]`).waitFor();
    const filled = page.locator('.inspector .filled');
    const near = (text: string | null, value: number) =>
      expect(Math.abs(numberIn(text!) - value)).toBeLessThanOrEqual(6e-3 * Math.abs(value));
    near(await told.locator('.number-large').textContent(), probabilities[id]!);
    const printedOf = (stage: string, token = id) =>
      filled.locator(`[data-stage=${stage}][data-token="${token}"]`).first().textContent();
    near(await printedOf('logits'), logits[id]!);
    near(await printedOf('scaled', order[0]), scaled[order[0]!]!);
    near(await printedOf('probabilities'), probabilities[id]!);
    // The formula comes to what it says.
    const total = numberIn((await filled.locator('[data-source=total]').first().textContent())!);
    const formula = Math.exp(logits[id]! / temperature - scaled[order[0]!]!) / total;
    expect(formula / probabilities[id]!).toBeCloseTo(1, 2);
  }

  test('is said of a candidate that was clicked, without adding it', async () => {
    const { page, complaints } = await site.visitReady();
    const id = Number(await idOf(page, 2));
    await probability(page, 2).click();
    await expectTempered(page, model, id, 0.8);
    await page.getByText('its probability at temperature 0.8').waitFor();
    // Before the temperature it is the model's own, which the package explains, in percent as the list has it.
    await expectExplained(page, 'probabilities', [9, id]);
    const printed = await page.locator('.number-shown').textContent();
    expect(printed).toMatch(/%\s*$/);
    for (const same of [
      why(page).getByText('is a single term').first(),
      why(page).locator('.single .value').first(),
    ]) {
      expect(await same.textContent()).toContain(printed!.trim());
    }
    expect(await why(page).locator('table:visible').count()).toBe(0);
    expect(
      await page.locator('.inspector .filled [data-stage=probabilities]').first().textContent(),
    ).toMatch(/%$/);
    expect(await idsOn(page)).toHaveLength(10);
    // A link leads to the same.
    await page.waitForURL((url) => url.hash.includes(`why=probabilities`));
    const { page: other } = await site.visitReady(new URL(page.url()).hash);
    await expectTempered(other, model, id, 0.8);
    // It follows the temperature, and beside the number the row still adds its token.
    await page.locator('fieldset input[type=range]').first().fill('1.4');
    await page.getByText('its probability at temperature 1.4').waitFor();
    await expectTempered(page, model, id, 1.4);
    await page.locator(`tr[data-id="${id}"] .take`).click();
    await waitForTokens(page, 11);
    expect((await idsOn(page)).at(-1)).toBe(id);
    expect(complaints).toEqual([]);
  });

  test.each(['#temperature=1', '#greedy=1'])(
    'by keyboard, with %s: the model’s own, of which nothing else is said',
    async (hash) => {
      const { page } = await site.visitReady(hash);
      const id = Number(await idOf(page, 1));
      await page.locator('[data-focus=candidates] tr[data-id] .take').nth(1).focus();
      // From the token past its logit to its probability.
      for (const key of ['Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
      await expectExplained(page, 'probabilities', [9, id]);
      await page.waitForFunction(() => document.activeElement?.id === 'why-title');
      expect(await page.getByTestId('tempered').count()).toBe(0);
      const { probabilities } = await stagesOf(model, page, 1);
      const shown = page.locator('.inspector .filled [data-path=value]').first();
      expect(numberIn((await shown.textContent())!)).toBeCloseTo(probabilities[id]!, 4);
    },
  );

  test('in the flow, as are its logits', async () => {
    const { page } = await site.visitReady('#query=3');
    const item = page.locator('.next li').nth(1);
    await item.locator('.probability button').click();
    const id = Number(await item.locator('[data-stage=probabilities]').getAttribute('data-token'));
    await expectTempered(page, model, id, 0.8);
    await item.locator('[data-tensor=logits] button').click();
    await expectExplained(page, 'logits', [9, id]);
  });

  test('on a phone in Chinese', async () => {
    const { page } = await site.visitReady('#model=stories', {
      locale: 'zh-CN',
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      colorScheme: 'dark',
    });
    for (const number of [
      page.locator('.flow .candidates .probability button').first(),
      probability(page, 1),
    ]) {
      const id = Number(await number.locator('..').getAttribute('data-token'));
      await number.tap();
      await expectTempered(page, model, id, 0.8);
    }
    await page.getByText('它在温度 0.8 下的概率').waitFor();
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await violationsOn(page)).toEqual([]);
  });
});
