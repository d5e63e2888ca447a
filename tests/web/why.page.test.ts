// "Why this number?": reached by mouse, by keyboard and by link; every number in it is the package's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Explanation, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, Site } from './support/page.ts';

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
    await page.context().close();
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
    await page.context().close();
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
    await page.context().close();
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
    await page.context().close();
  });

  test('goes on with a number of another model, where the old one has none', async () => {
    const { page } = await site.visitReady('#why=blocks.5.hook_mlp_out:3,180');
    await why(page).locator('.number-shown').waitFor();
    await page.getByRole('combobox', { name: 'Model' }).selectOption('nano');
    await why(page).locator('.number-shown[data-tensor="blocks.1.hook_mlp_out"]').waitFor();
    expect(await why(page).getByRole('alert').count()).toBe(0);
    await page.context().close();
  });

  test('says that nothing can be said of what is not there', async () => {
    const { page } = await site.visit('#why=blocks.9.hook_resid_pre:0,0');
    await why(page).getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Next operation' }).click();
    await why(page).locator('.number-shown').waitFor();
    await page.context().close();
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
      const beyond = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(beyond).toBeLessThanOrEqual(0);
      await page.context().close();
    },
  );
});
