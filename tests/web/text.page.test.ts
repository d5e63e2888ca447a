// The text in the reader's hands: tokens forced, replaced, cut and deleted, and how probable it all is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import violationsOn from './support/axe.ts';
import { idsOn, overflow, ready, Site, waitForTokens, whole } from './support/page.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
let stories: Model;
let tang: Model;
beforeAll(async () => {
  site = await Site.open();
  stories = await load(new URL('weights/stories/', root));
  tang = await load(new URL('weights/tang/', root));
});
afterAll(async () => {
  await stories.dispose();
  await tang.dispose();
  await site.close();
});

const inFresh = (name: string, hash: string, body: (page: Page) => Promise<void>) =>
  test(name, async () => {
    const { page, complaints } = await site.visitReady(hash);
    await body(page);
    expect(complaints).toEqual([]);
  });

const prompt = (page: Page) => page.inputValue('#prompt');
const expectSaid = (page: Page, words: string) =>
  expect.poll(() => page.locator('.actions [aria-live]').textContent()).toBe(words);
const search = (page: Page) => page.getByRole('searchbox', { name: 'Find a token' });
const editor = (page: Page) => page.getByTestId('editor');
const expectIds = (page: Page, ids: readonly number[]) =>
  page.waitForFunction(
    (wanted) =>
      Array.from(
        document.querySelectorAll('[data-position] .id'),
        (id) => id.textContent,
      ).join() === wanted,
    ids.join(),
  );

/** A printed probability: 12.3%, 1.5×10⁻⁷%, 6.3×10⁻¹⁶. */
function numberIn(text: string): number {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const plain = text
    .trim()
    .replace('−', '-')
    .replace(/×10(⁻?)([^%]+)/, (_, minus: string, power: string) => {
      const value = Array.from(power, (digit) => digits.indexOf(digit)).join('');
      return `e${minus ? '-' : ''}${value}`;
    });
  return parseFloat(plain) / (plain.endsWith('%') ? 100 : 1);
}
/** Two digits are printed at least. */
const near = (text: string | null, value: number) =>
  expect(Math.abs(numberIn(text!) / value - 1)).toBeLessThan(0.06);

/** The model's own probabilities after each position of a text. */
async function distributions(model: Model, ids: readonly number[]) {
  const { logits } = await model.runWithCache(ids, { names: [], logits: 'all' });
  return Array.from(logits.rows(), (row) => model.sample(row));
}

describe('a candidate', () => {
  inFresh('that is clicked is added instead of the drawn token', '', async (page) => {
    const before = await idsOn(page);
    const row = page.locator('tbody tr[data-id]').nth(3);
    const id = Number(await row.getAttribute('data-id'));
    await row.locator('td').nth(2).click();
    await expectIds(page, [...before, id]);
    await expectSaid(
      page,
      `Added ${new TextDecoder().decode(stories.tokenizer.decodeBytes([id])).replace(' ', '·')}`,
    );
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectIds(page, before);
  });

  inFresh('is also taken by keyboard, and its logit still says why', '', async (page) => {
    const before = await idsOn(page);
    const row = page.locator('tbody tr[data-id]').nth(1);
    const id = Number(await row.getAttribute('data-id'));
    await row.locator('[data-tensor] button').click();
    await page.getByTestId('why').waitFor();
    await page.keyboard.press('Escape');
    expect(await idsOn(page)).toEqual(before);
    await row.getByRole('button', { name: 'Add' }).focus();
    await page.keyboard.press('Enter');
    await expectIds(page, [...before, id]);
  });

  inFresh('of the whole vocabulary is found by text, with its numbers', '', async (page) => {
    const before = await idsOn(page);
    await search(page).fill('dragon');
    const row = page.locator('tbody tr[data-id]').first();
    await page.getByText(/of 4,096 tokens/).waitFor();
    const [id] = stories.tokenizer.encode(' dragon');
    expect(Number(await row.getAttribute('data-id'))).toBe(id);
    const stages = (await distributions(stories, before)).at(-1)!;
    const at08 = stories.sample(stages.logits, { temperature: 0.8, topK: 40, seed: 1 });
    const cells = await row.locator('td').allTextContents();
    expect(numberIn(cells[0]!)).toBeCloseTo(at08.logits[id!]!, 1);
    near(cells[2]!, at08.probabilities[id!]!);
    expect(cells[3]!.trim()).toBe('—');
    const rank = (at08.order.indexOf(id!) + 1).toLocaleString('en');
    expect(await row.textContent()).toContain(`rank ${rank}`);
    await search(page).press('Enter');
    await expectIds(page, [...before, id!]);
    expect(await search(page).inputValue()).toBe('');
    expect(await page.locator('tbody tr[data-id]').count()).toBeGreaterThanOrEqual(10);
  });

  inFresh('is found by id, and what is not there is said', '', async (page) => {
    await search(page).fill('#4095');
    await page.locator('tr[data-id="4095"]').waitFor();
    await search(page).fill('zzzzzz');
    await page.getByText('No token has this text or id').waitFor();
    await search(page).press('Enter');
    await search(page).press('Escape');
    expect(await search(page).inputValue()).toBe('');
  });

  test('is taken by Enter also before the vocabulary has been read', async () => {
    const { page } = await site.visit('', {}, (page) =>
      page.addInitScript(() => {
        const { setTimeout } = window;
        const slow = (work: () => void, pause = 0) => setTimeout(work, pause === 0 ? 300 : pause);
        Object.assign(window, { setTimeout: slow });
      }),
    );
    await ready(page);
    const before = await idsOn(page);
    await search(page).fill('#4094');
    await search(page).press('Enter');
    // What is typed after it was not meant by it.
    await search(page).fill('#4095');
    await page.locator('tr[data-id="4095"]').waitFor();
    expect(await idsOn(page)).toEqual(before);
    await page.reload();
    await ready(page);
    await search(page).fill('#4095');
    await search(page).press('Enter');
    await expectIds(page, [...before, 4095]);
    expect(await search(page).inputValue()).toBe('');
  });

  inFresh('that is searched for is not taken to another model', '', async (page) => {
    await search(page).fill('a');
    await page.getByText(/of 4,096 tokens/).waitFor();
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
    await ready(page);
    expect(await page.locator('tbody tr[data-id]').count()).toBeGreaterThanOrEqual(10);
    expect(await search(page).inputValue()).toBe('');
  });

  inFresh('can be the end of the text, whose link says so', '', async (page) => {
    const before = await idsOn(page);
    await search(page).fill('#4095');
    await page.locator('tr[data-id="4095"]').waitFor();
    await search(page).press('Enter');
    await expectIds(page, [...before, 4095]);
    await page.waitForURL(/ids=/);
    await page.reload();
    await ready(page);
    expect(await idsOn(page)).toEqual([...before, 4095]);
  });
});

describe('a token', () => {
  inFresh('is replaced by what the model expected there', '#seed=3', async (page) => {
    const before = await idsOn(page);
    await page.locator('[data-position="6"]').dblclick();
    const choices = editor(page).locator('.choice');
    await choices.nth(7).waitFor();
    const stages = (await distributions(stories, before))[5]!;
    for (const [rank, shown] of (await choices.locator('[data-tensor]').all()).entries()) {
      const id = stages.order[rank]!;
      expect(await shown.getAttribute('data-tensor')).toBe('probabilities');
      expect(await shown.getAttribute('data-index')).toBe(`5, ${id}`);
      near(await shown.textContent(), stages.probabilities[id]!);
    }
    await choices.nth(1).click();
    const after = before.with(6, stages.order[1]!);
    await expectIds(page, after);
    expect(await prompt(page)).toBe('Once upon a time, there were a little girl');
    await expectSaid(page, 'Position 6 is now ·were');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectIds(page, before);
  });

  inFresh('is replaced by any other, and the text goes on from there', '', async (page) => {
    const before = await idsOn(page);
    await page.locator('[data-position="3"]').focus();
    await page.keyboard.press('F2');
    await editor(page).locator('.choice').first().waitFor();
    await page.keyboard.type('hill');
    await page.getByLabel('Drop what follows').check();
    const field = editor(page).getByRole('searchbox');
    await field.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const [hill] = stories.tokenizer.encode(' hill');
    await expectIds(page, [...before.slice(0, 3), hill!]);
    await page.locator('[data-position="3"]:focus').waitFor();
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 5);
  });

  inFresh('can end the text, before or after it, or be deleted', '', async (page) => {
    const before = await idsOn(page);
    const open = async (position: number) => {
      await page.locator(`[data-position="${position}"]`).focus();
      await page.keyboard.press('e');
      await editor(page).waitFor();
    };
    await open(7);
    await page.getByRole('button', { name: 'Delete it' }).click();
    await expectIds(page, before.toSpliced(7, 1));
    await open(4);
    await page.getByRole('button', { name: 'Continue after it' }).click();
    await expectIds(page, before.slice(0, 5));
    await open(4);
    expect(await page.getByRole('button', { name: 'Continue after it' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Continue before it' }).click();
    await expectIds(page, before.slice(0, 4));
    for (let undone = 0; undone < 3; undone += 1) {
      await page.getByRole('button', { name: 'Undo' }).click();
    }
    await expectIds(page, before);
    await open(0);
    await page.getByText('Nothing comes before the first token').waitFor();
    await page.getByRole('button', { name: 'Continue before it' }).click();
    await page.getByText('Write a few words').waitFor();
    expect(await prompt(page)).toBe('');
  });

  inFresh('stays as it is where the editor is closed', '', async (page) => {
    const before = await idsOn(page);
    await page.getByRole('button', { name: 'Edit ·girl' }).click();
    await editor(page).locator('.choice').first().waitFor();
    await page.keyboard.press('Escape');
    await editor(page).waitFor({ state: 'detached' });
    expect(await idsOn(page)).toEqual(before);
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);
    await page.locator('button.edit:focus').waitFor();
  });

  inFresh('of a text before one that is too long cannot be changed', '', async (page) => {
    await page.fill('#prompt', 'The dog ran. '.repeat(100));
    await page.getByText('this model reads at most 256').waitFor();
    await page.locator('[data-position="4"]').dblclick();
    expect(await editor(page).count()).toBe(0);
    expect(await page.locator('button.edit').isDisabled()).toBe(true);
  });

  inFresh('of a text before one with an unknown character neither', '#model=nano', async (page) => {
    const before = await idsOn(page);
    await page.fill('#prompt', 'CADB=é');
    await page.getByText('This model has no token for é').waitFor();
    await page.locator('[data-position="2"]').dblclick();
    await page.locator('[data-position="2"]').press('F2');
    await whole(page);
    expect(await editor(page).count()).toBe(0);
    expect(await page.locator('button.edit').isDisabled()).toBe(true);
    // Once it is gone, so is what was in the way.
    await page.fill('#prompt', 'CADB=');
    await page.getByText('This model has no token for é').waitFor({ state: 'detached' });
    expect(await idsOn(page)).toEqual(before);
    await page.locator('[data-position="2"]').dblclick();
    await editor(page).locator('.choice').first().waitFor();
  });

  inFresh('keeps its neighbours, though their text has other tokens', '', async (page) => {
    // Between “ up” and “on” nobody who reads the text would see a seam.
    await page.fill('#prompt', 'Once up a time');
    const [up] = stories.tokenizer.encode(' up');
    const [on] = stories.tokenizer.encode('on');
    await expectIds(page, stories.tokenizer.encode('Once up a time'));
    await page.locator('[data-position="2"]').dblclick();
    await editor(page).locator('.choice').first().waitFor();
    await page.keyboard.type(`#${on}`);
    await editor(page).getByText('1 of 4,096 tokens').waitFor();
    await page.keyboard.press('Enter');
    const ids = [
      stories.tokenizer.encode('Once')[0]!,
      up!,
      on!,
      stories.tokenizer.encode(' time')[0]!,
    ];
    await expectIds(page, ids);
    expect(await prompt(page)).toBe('Once upon time');
    expect(stories.tokenizer.encode('Once upon time')).not.toEqual(ids);
    // The link has the same tokens, and undo and typing go back to text.
    await page.waitForURL(/ids=/);
    await page.reload();
    await ready(page);
    expect(await idsOn(page)).toEqual(ids);
    await page.locator('#prompt').press('End');
    await page.locator('#prompt').pressSequentially('s');
    await expectIds(page, stories.tokenizer.encode('Once upon times'));
    await page.waitForFunction(() => !location.hash.includes('ids'));
  });

  test('that is a part of a character can be replaced, and taken to a link', async () => {
    const { page, complaints } = await site.visitReady('#model=tang&text=🐉白日');
    const before = await idsOn(page);
    expect(before).toEqual(tang.tokenizer.encode('🐉白日'));
    await page.locator('[data-position="1"]').dblclick();
    await editor(page).locator('.choice').first().waitFor();
    await page.keyboard.type(String(before[0]));
    await editor(page).locator(`.choice[data-id="${before[0]}"]`).click();
    const after = before.with(1, before[0]!);
    await expectIds(page, after);
    await page.waitForURL(/ids=/);
    await page.reload();
    await ready(page);
    expect(await idsOn(page)).toEqual(after);
    expect(complaints).toEqual([]);
  });
});

describe('ids in a link', () => {
  const shown = async (hash: string) => {
    const { page, complaints } = await site.visitReady(hash);
    const ids = await idsOn(page);
    expect(complaints).toEqual([]);
    await page.context().close();
    return ids;
  };
  const text = 'Once';
  const plain = () => stories.tokenizer.encode(text);

  test.each([
    ['are not in the vocabulary', '4096'],
    ['are of another text', '5.6.7'],
    ['are no ids', '1.x'],
    ['are negative', '-1'],
  ])('that %s give way to the text', async (_, ids) => {
    expect(await shown(`#model=stories&text=${text}&ids=${ids}`)).toEqual(plain());
  });

  test('mean the tokens they are', async () => {
    const spelled = Array.from(text, (letter) => stories.tokenizer.encode(letter)[0]!);
    expect(await shown(`#model=stories&text=${text}&ids=${spelled.join('.')}`)).toEqual(spelled);
    expect(await shown(`#model=stories&ids=${spelled.join('.')}`)).toEqual(spelled);
  });
});

describe('the probability of the text', () => {
  inFresh('is the package’s', '#text=The dragon sang a purple song.', async (page) => {
    const ids = await idsOn(page);
    const loss = await stories.textLoss(ids);
    const at = (name: string) => page.getByTestId(`text-${name}`);
    await at('perplexity').filter({ hasNotText: '…' }).waitFor();
    near(await at('perplexity').textContent(), loss.perplexity);
    near(await at('logarithm').textContent(), -loss.mean * (ids.length - 1));
    near(await at('probability').textContent(), Math.exp(-loss.mean * (ids.length - 1)));
    for (const position of [0, 1, 4]) {
      await page.locator(`[data-position="${position}"]`).hover();
      const line = page.getByTestId('chance');
      if (position === 0) {
        await line.getByText('nothing comes before it').waitFor();
        continue;
      }
      const shown = line.locator(`[data-index="${position - 1}, ${ids[position]}"]`);
      near(await shown.textContent(), Math.exp(-loss.losses.data[position - 1]!));
      expect(await line.textContent()).toContain(
        `rank ${(loss.ranks[position - 1]! + 1).toLocaleString('en')}`,
      );
    }
  });

  inFresh('follows the text, and a single token has none', '', async (page) => {
    const value = page.getByTestId('text-perplexity');
    await value.filter({ hasText: '1.546' }).waitFor();
    await page.fill('#prompt', 'Once upon a time, there was a little boat');
    await value.filter({ hasNotText: /…|1\.546/ }).waitFor();
    const loss = await stories.textLoss(await idsOn(page));
    near(await value.textContent(), loss.perplexity);
    await page.fill('#prompt', 'Once');
    await page.getByText('The first token has no probability').waitFor();
  });

  inFresh('colours the tokens on request, by one scale', '', async (page) => {
    await page.getByTestId('text-perplexity').filter({ hasNotText: '…' }).waitFor();
    await page.getByRole('button', { name: 'Probability', exact: true }).click();
    const colour = (position: number) =>
      page
        .locator(`[data-position="${position}"] .piece`)
        .evaluate((piece) => getComputedStyle(piece).backgroundColor);
    await expect.poll(() => colour(0)).toBe('rgba(0, 0, 0, 0)');
    const [sure, unsure] = [await colour(3), await colour(8)];
    const red = (text: string) => Number(/\d+/.exec(text)![0]);
    expect(red(sure)).toBeLessThan(red(unsure));
  });

  inFresh('and what was expected, position by position', '', async (page) => {
    await page.fill('#prompt', 'The old woman sang to the moon');
    const ids = stories.tokenizer.encode('The old woman sang to the moon');
    await expectIds(page, ids);
    await page.getByText('What the model expected at every position').click();
    const table = page.getByTestId('expectations');
    const stages = await distributions(stories, ids);
    await table.locator(`tr[data-place="${ids.length - 1}"] td:last-child .number`).waitFor();
    expect(await table.locator('tr[data-place="0"]').textContent()).toContain('no probability');
    for (let place = 1; place < ids.length; place += 1) {
      const { probabilities, order } = stages[place - 1]!;
      const id = ids[place]!;
      const numbers = table.locator(`tr[data-place="${place}"] [data-tensor="probabilities"]`);
      expect(await numbers.nth(0).getAttribute('data-index')).toBe(`${place - 1}, ${id}`);
      near(await numbers.nth(0).textContent(), probabilities[id]!);
      expect(await numbers.nth(1).getAttribute('data-index')).toBe(`${place - 1}, ${order[0]}`);
      near(await numbers.nth(1).textContent(), probabilities[order[0]!]!);
      const cells = await table.locator(`tr[data-place="${place}"] td`).allTextContents();
      expect(Number(cells[2]!.replace(',', ''))).toBe(order.indexOf(id) + 1);
      expect(cells[3]!.includes('✓')).toBe(order[0] === id);
    }
    await table.locator('.number').first().click();
    await page.getByTestId('why').locator('.number-shown[data-tensor="probabilities"]').waitFor();
  });
});

describe.each([
  ['light', 'en-GB', 1440, 900],
  ['dark', 'zh-CN', 390, 844],
  ['light', 'zh-CN', 360, 740],
] as const)('in %s, %s, %d pixels wide', (colorScheme, locale, width, height) => {
  test('axe finds nothing to mend, and nothing lies beyond the edge', async () => {
    const options = { colorScheme, locale, viewport: { width, height } };
    const { page } = await site.visitReady('', options);
    await page.locator('.tokens details summary').click();
    await page.getByTestId('expectations').waitFor();
    await page.locator('.tokens .segments button').last().click();
    await page.getByRole('searchbox').fill('a');
    await page.locator('table.found').waitFor();
    await whole(page);
    expect(await violationsOn(page)).toEqual([]);
    await page.locator('button.edit').click();
    await page.locator('.choice').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    const beyond = await page.evaluate(() => {
      const box = document.querySelector('dialog[open]')!.getBoundingClientRect();
      return box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
    });
    expect(beyond).toBe(false);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  });
});
