// "Why this number?": reached by mouse, by keyboard and by link; every number in it is the package's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Explanation, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import violationsOn from './support/axe.ts';
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

/** A printed number: a real minus sign, powers of ten. */
function numberIn(text: string): number {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const plain = text
    .trim()
    .replaceAll('−', '-')
    .replace(/×10(⁻?)(.+)$/, (_, minus: string, exponent: string) => {
      const number = Array.from(exponent, (digit) => digits.indexOf(digit)).join('');
      return `e${minus ? '-' : ''}${number}`;
    });
  return Number(plain);
}

const dialog = (page: Page) => page.getByTestId('why');

/** The dialog, once it explains this number, compared with the package's own explanation. */
async function expectExplained(page: Page, name: string, index: number[]): Promise<Explanation> {
  const shown = dialog(page).locator(`.number-shown[data-tensor="${name}"]`);
  await shown.waitFor();
  expect(await shown.getAttribute('data-index')).toBe(index.join(', '));
  const expected = await model.explain(await idsOn(page), name, index);
  // Four digits are printed, and relaxed SIMD rounds in its own way.
  const near = (text: string | null, value: number) =>
    expect(Math.abs(numberIn(text!) - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-5);
  near(await shown.textContent(), expected.value);
  const table = dialog(page).locator('table').first();
  const values = await table.locator('tbody .value').allTextContents();
  expect(values).toHaveLength(expected.terms.length + (expected.others > 0 ? 1 : 0));
  for (const [place, term] of expected.terms.entries()) near(values[place]!, term.value);
  near(await table.locator('tfoot .value').textContent(), expected.total);
  return expected;
}

describe('why this number', () => {
  test('is said of the weight that was clicked', async () => {
    const { page, complaints } = await site.visitReady('#block=3&head=1');
    const box = (await page.locator('.plot canvas').boundingBox())!;
    await page.mouse.click(box.x + (4.5 * box.width) / 10, box.y + (7.5 * box.height) / 10);
    await page.getByTestId('readout').getByRole('button').click();
    await expectExplained(page, 'blocks.3.attn.hook_pattern', [1, 7, 4]);
    expect(await dialog(page).locator('.places').textContent()).toContain('head 1');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('goes on to what it is made of, and back, by keyboard', async () => {
    const { page } = await site.visitReady();
    const row = page.locator('tbody tr[data-id]').first();
    const id = Number(await row.getAttribute('data-id'));
    await row.getByRole('button').focus();
    await page.keyboard.press('Enter');
    const logit = await expectExplained(page, 'logits', [9, id]);
    // The heading has the focus: the next stops are Close and the first factor.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const [first] = logit.terms[0]!.factors;
    await expectExplained(page, first!.madeOf!, [...first!.index]);
    await dialog(page).getByRole('button', { name: 'Back' }).click();
    await expectExplained(page, 'logits', [9, id]);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
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

  test('says that nothing can be said of what is not there', async () => {
    const { page } = await site.visit('#why=blocks.9.hook_resid_pre:0,0');
    await dialog(page).getByRole('alert').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.waitForFunction(() => !location.hash.includes('why'));
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
      await dialog(page).locator('table').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      const wide = await page.evaluate(() => {
        const body = document.querySelector('dialog')!;
        return body.scrollWidth > body.clientWidth;
      });
      expect(wide).toBe(false);
      await page.context().close();
    },
  );
});
