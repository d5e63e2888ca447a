// The text box, its examples, and what the page says of a text: typed and clicked as a person does.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from 'glassformer';
import type { Page } from 'playwright-core';
import { embeddedModels } from '../../web/src/view/models.ts';
import { idsOn, overflow, Site, waitForText } from './support/page.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

const encodeWith = async (model: string, text: string) => {
  const loaded = await load(new URL(`weights/${model}/`, root));
  const ids = loaded.tokenizer.encode(text);
  await loaded.dispose();
  return Array.from(ids);
};

const tokensAre = (page: Page, ids: readonly number[]) =>
  expect.poll(() => idsOn(page)).toEqual(ids);

test('a text of two lines is read as it is, line break and all', async () => {
  const { page } = await site.visitReady();
  await page.fill('#prompt', '');
  await page.locator('#prompt').pressSequentially('One');
  await page.locator('#prompt').press('Enter');
  await page.locator('#prompt').pressSequentially('two');
  expect(await page.inputValue('#prompt')).toBe('One\ntwo');
  await tokensAre(page, await encodeWith('stories', 'One\ntwo'));
  await page.locator('.piece', { hasText: '↵' }).first().waitFor();
  await page.waitForURL(/text=One%0Atwo/);
  await page.reload();
  await tokensAre(page, await encodeWith('stories', 'One\ntwo'));
});

describe.each(embeddedModels.map(({ id, examples }) => [id, examples] as const))(
  'the examples of %s',
  (id, examples) => {
    test('are its own, become the text, and can be undone', async () => {
      const { page } = await site.visitReady(`#model=${id}&lang=en`);
      const buttons = page.getByRole('list', { name: 'Examples' }).getByRole('button');
      expect(await buttons.count()).toBe(examples.length);
      for (const [place, text] of examples.entries()) {
        await buttons.nth(place).click();
        expect(await page.inputValue('#prompt')).toBe(text);
        expect(await buttons.nth(place).getAttribute('aria-pressed')).toBe('true');
        await tokensAre(page, await encodeWith(id, text));
      }
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect.poll(() => page.inputValue('#prompt')).not.toBe(examples.at(-1));
    });
  },
);

test('half a character shows its bytes, and says that it is one', async () => {
  const model = await load(new URL('weights/tang/', root));
  const half = Array.from({ length: model.config.vocab_size }, (_, id) => id).find((id) => {
    const bytes = model.tokenizer.decodeBytes([id]);
    return bytes.length === 1 && bytes[0]! >= 0xe4 && bytes[0]! <= 0xe9;
  })!;
  await model.dispose();
  const { page } = await site.visitReady('#model=tang&lang=en');
  const count = (await idsOn(page)).length;
  await page.getByPlaceholder('Any token: text or id').fill(String(half));
  await page.getByPlaceholder('Any token: text or id').press('Enter');
  await expect.poll(async () => (await idsOn(page)).length).toBe(count + 1);
  expect((await idsOn(page)).at(-1)).toBe(half);
  const piece = page.locator(`[data-position="${count}"] .piece`);
  expect(await piece.textContent()).toMatch(/^\s*⟨[0-9A-F]{2}⟩\s*$/);
  await page.getByText('the beginning of a character').waitFor();
});

test.each([
  ['en-GB', 1440, /14\.0\sMB in memory.*last run\s\d+\sms/s],
  ['en-GB', 820, /14\.0\sMB in memory.*last run\s\d+\sms/s],
  ['zh-CN', 360, /占内存\s14\.0\sMB.*上次运行\s\d+\sms/s],
] as const)(
  'how much memory the model takes, and how long a run took, is said and renewed: %s, %d wide',
  async (locale, width, words) => {
    const viewport = { width, height: 800 };
    const { page } = await site.visitReady('#model=stories', { locale, viewport });
    const facts = page.locator('header .facts .more');
    await facts.filter({ hasText: words }).waitFor();
    const { x, y, width: across, height } = (await facts.boundingBox())!;
    expect([x >= 0, x + across <= width, y + height < 150]).toEqual([true, true, true]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const before = await facts.textContent();
    await page.fill('#prompt', 'The king had three sons. '.repeat(12).trim());
    await waitForText(page);
    await expect.poll(() => facts.textContent()).not.toBe(before);
    await facts.filter({ hasText: words }).waitFor();
  },
);
