import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import {
  idsOn,
  readoutOf,
  ready,
  Site,
  waitForText,
  waitForTokens,
  waitForTokensFrom,
  whole,
} from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const inFresh = (name: string, hash: string, body: (page: Page) => Promise<void>) =>
  test(name, async () => {
    const { page, complaints } = await site.visitReady(hash);
    await body(page);
    expect(complaints).toEqual([]);
  });

const selected = (page: Page) =>
  page
    .locator('[role=gridcell][aria-selected=true]')
    .evaluate((cell: HTMLElement) => [Number(cell.dataset.block), Number(cell.dataset.head)]);

describe('typing', () => {
  inFresh('runs the model on the new text', '', async (page) => {
    await page.fill('#prompt', 'The king');
    await waitForTokens(page, 2);
    expect(await page.getByTestId('count').textContent()).toContain('2 of 256 tokens');
  });

  inFresh('shows one token as well as a full context', '', async (page) => {
    await page.fill('#prompt', 'The');
    await waitForTokens(page, 1);
    expect(await readoutOf(page)).toMatchObject({ value: 1, index: [0, 0, 0] });
    await page.fill('#prompt', 'dog '.repeat(128).trimEnd());
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length > 100);
    // Of hundreds of tokens the words come a moment after the run: then they are the new token's.
    const count = (await idsOn(page)).length;
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, count + 1);
    await expect.poll(async () => (await readoutOf(page)).index[1]).toBe(count);
    const { value, index } = await readoutOf(page);
    const words = page.locator(`[data-position="${index[2]}"] .unseen`);
    await expect
      .poll(async () => Number(/attended with ([\d.]+)/.exec((await words.textContent())!)?.[1]))
      .toBe(value);
  });

  inFresh('nothing shows an invitation, and something brings the model back', '', async (page) => {
    await page.fill('#prompt', '');
    await page.getByText('Write a few words').waitFor();
    expect(await page.getByRole('button', { name: 'Generate a token' }).isDisabled()).toBe(true);
    await page.fill('#prompt', 'Lily');
    await ready(page);
  });

  inFresh('too much says how much, keeps the last result, and can be cut', '', async (page) => {
    const before = await idsOn(page);
    await page.fill('#prompt', 'The dog ran. '.repeat(100));
    await page.getByText(/This text has \d+ tokens; this model reads at most 256/).waitFor();
    expect(await idsOn(page)).toEqual(before);
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Keep the first 256 tokens' }).click();
    await waitForTokens(page, 256);
    await page.getByText('fills the model’s context').waitFor();
    expect(await page.getByRole('button', { name: 'Generate a token' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('this model reads at most 256').waitFor();
  });

  test('too much in a link speaks of no result before, and can be cut', async () => {
    const text = encodeURIComponent('The dog ran. '.repeat(100));
    const { page, complaints } = await site.visit(`#text=${text}`);
    await page.getByText('this model reads at most 256').waitFor();
    expect(await page.locator('#prompt-state').textContent()).not.toContain('from before');
    await page.getByRole('button', { name: 'Keep the first 256 tokens' }).click();
    await waitForTokens(page, 256);
    await page.fill('#prompt', 'The dog ran. '.repeat(100));
    await page.getByText('What you see below is from before.').waitFor();
    expect(complaints).toEqual([]);
  });

  inFresh('fast shows the last text, not one before it', '', async (page) => {
    await page.fill('#prompt', '');
    await page.locator('#prompt').pressSequentially('One two three four', { delay: 5 });
    expect(await page.inputValue('#prompt')).toBe('One two three four');
    await waitForText(page);
    await page.waitForTimeout(400);
    const pieces = await page.locator('[data-position] .piece').allTextContents();
    expect(pieces.join('')).toBe('One·two·three·four');
  });

  inFresh('at a stretch runs the model once it pauses, not with each letter', '', async (page) => {
    await page.evaluate(() => {
      const { postMessage } = Worker.prototype;
      const seen = globalThis as { runs?: number } & typeof globalThis;
      seen.runs = 0;
      Worker.prototype.postMessage = function (this: Worker, ...sent: unknown[]) {
        if ((sent[0] as { method?: string }).method === 'run') seen.runs! += 1;
        (postMessage as (...sent: unknown[]) => void).apply(this, sent);
      } as typeof postMessage;
    });
    const runs = () => page.evaluate(() => (globalThis as { runs?: number }).runs!);
    const write = async (text: string, delay: number) => {
      const before = await runs();
      await page.locator('#prompt').pressSequentially(text, { delay });
      await waitForText(page);
      await page.waitForTimeout(400);
      return (await runs()) - before;
    };
    await page.fill('#prompt', '');
    await page.waitForTimeout(400);
    const ofOne = await write('O', 0);
    expect(ofOne).toBeGreaterThan(0);
    // As fast as anybody types; on a busy machine a letter may be late.
    expect(await write('nce upon a time there was', 20)).toBeLessThanOrEqual(3 * ofOne);
  });

  inFresh('a character of several tokens shows its bytes', '', async (page) => {
    await page.fill('#prompt', '🐉');
    await page.waitForFunction(() => /⟨F0/.test(document.querySelector('.chip')!.textContent!));
    const pieces = await page.locator('[data-position] .piece').allTextContents();
    expect(pieces.join('').replace(/[⟨⟩ ]/g, '')).toBe('F09F9089');
  });
});

describe('generating', () => {
  inFresh('adds the token that was announced, and undo takes it back', '', async (page) => {
    const text = await page.inputValue('#prompt');
    const next = (await page.getByTestId('drawn').textContent())!;
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    expect(await page.inputValue('#prompt')).toBe(text + next.replace('·', ' '));
    await page.getByRole('button', { name: 'Undo' }).click();
    await waitForTokens(page, 10);
    expect(await page.inputValue('#prompt')).toBe(text);
    expect(await page.getByTestId('drawn').textContent()).toBe(next);
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);
  });

  inFresh('works from the keyboard, also right after typing', '', async (page) => {
    await page.fill('#prompt', 'The king had three');
    await page.locator('#prompt').press('Control+Enter');
    await waitForTokens(page, 5);
    expect(await page.inputValue('#prompt')).toMatch(/^The king had three./);
  });

  inFresh('goes on while its keys are held down', '', async (page) => {
    const before = (await idsOn(page)).length;
    const held = await page.locator('#prompt').evaluateHandle((box) => {
      const press = { key: 'Enter', ctrlKey: true, bubbles: true, repeat: true };
      return setInterval(() => box.dispatchEvent(new KeyboardEvent('keydown', press)), 33);
    });
    await waitForTokensFrom(page, before + 4);
    await held.evaluate((timer) => clearInterval(timer));
  });

  inFresh('keeps the keyboard where it was, and says what it added', '', async (page) => {
    const run = page.getByRole('button', { name: 'Run', exact: true });
    await run.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await waitForTokensFrom(page, 12);
    await page.keyboard.press('Enter');
    await run.waitFor();
    expect(await run.evaluate((button) => document.activeElement === button)).toBe(true);
    await page
      .locator('.actions [aria-live]')
      .filter({ hasText: /^Added ./ })
      .waitFor({ state: 'attached' });
  });

  inFresh('is taken back also after typing, with the keys of undo', '', async (page) => {
    const text = await page.inputValue('#prompt');
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    const grown = await page.inputValue('#prompt');
    await page.locator('#prompt').press('End');
    await page.locator('#prompt').pressSequentially(' and');
    await waitForTokens(page, 12);
    await page.locator('#prompt').press('Control+z');
    await waitForTokens(page, 11);
    expect(await page.inputValue('#prompt')).toBe(grown);
    await page.locator('#prompt').press('Control+z');
    await waitForTokens(page, 10);
    expect(await page.inputValue('#prompt')).toBe(text);
  });

  const story = '#seed=0&text=They all went home and were happy. The end.';
  inFresh('ends where the model ends the text', story, async (page) => {
    await page.getByText('The text ends here').waitFor();
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
    await page.locator('#prompt').press('Control+Enter');
    await page.waitForTimeout(200);
    expect(await page.inputValue('#prompt')).toMatch(/The end\.$/);
  });

  inFresh('draws the same from its link', '', async (page) => {
    for (let count = 11; count <= 13; count += 1) {
      await page.getByRole('button', { name: 'Generate a token' }).click();
      await waitForTokens(page, count);
    }
    const drawn = await page.getByTestId('drawn').textContent();
    const text = await page.inputValue('#prompt');
    await page.waitForFunction(
      (text) => new URLSearchParams(location.hash.slice(1)).get('text') === text,
      text,
    );
    await page.reload();
    await ready(page);
    expect(await page.getByTestId('drawn').textContent()).toBe(drawn);
  });

  inFresh('works from the dashed token', '', async (page) => {
    await page.locator('.chip.next').click();
    await waitForTokens(page, 11);
  });

  inFresh('runs until it is stopped', '', async (page) => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await waitForTokensFrom(page, 13);
    await page.getByRole('button', { name: 'Stop' }).click();
    // The token that was on its way is in the text already.
    const text = await page.inputValue('#prompt');
    await waitForText(page);
    await page.waitForTimeout(500);
    expect(await page.inputValue('#prompt')).toBe(text);
  });

  inFresh('stops where the context is full', '', async (page) => {
    await page.fill('#prompt', 'The dog ran. '.repeat(80));
    await page.getByRole('button', { name: /Keep the first/ }).click();
    await waitForTokens(page, 256);
    await page.locator('#prompt').press('End');
    for (let i = 0; i < 8; i += 1) await page.locator('#prompt').press('Backspace');
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length < 256);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await waitForTokens(page, 256);
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  });
});

describe('sampling', () => {
  inFresh('cuts are visible and named', '#topk=3&seed=5', async (page) => {
    await page.getByText('cut by top-k').waitFor();
    expect(await page.locator('tr.cut').count()).toBe(7);
    expect(await page.locator('tr.cut td:last-child').first().textContent()).toContain('—');
  });

  inFresh('by top-p leaves at least one token', '#topk=0&topp=0.01', async (page) => {
    await page.getByText('cut by top-p').waitFor();
    expect(await page.locator('tbody tr[data-id]:not(.cut)').count()).toBe(1);
  });

  inFresh('changes at once with the temperature', '', async (page) => {
    const top = page.locator('tbody tr[data-id] td:nth-child(4)').first();
    const before = parseFloat((await top.textContent())!);
    await page.getByRole('slider', { name: 'Temperature' }).fill('2');
    const after = parseFloat((await top.textContent())!);
    expect(after).toBeLessThan(before);
    expect(await page.locator('th.scaled').textContent()).toContain('÷ 2');
  });

  inFresh('with a new seed draws a new number', '', async (page) => {
    const before = await page.locator('.draw p').textContent();
    await page.getByRole('button', { name: 'New seed' }).click();
    expect(await page.locator('.draw p').textContent()).not.toBe(before);
  });

  inFresh('lists more tokens on request', '', async (page) => {
    await page.getByRole('button', { name: 'Show more' }).click();
    expect(await page.locator('tbody tr[data-id]').count()).toBeGreaterThanOrEqual(50);
  });
});

describe('the keyboard', () => {
  inFresh('walks through blocks and heads from anywhere', '', async (page) => {
    await page.locator('h1').click();
    for (const key of [']', ']', '[', '.', '.', '.', ',']) await page.keyboard.press(key);
    expect(await selected(page)).toEqual([1, 2]);
    for (const key of ['[', '[', ',', ',', ',']) await page.keyboard.press(key);
    expect(await selected(page)).toEqual([5, 5]);
  });

  inFresh('alone turns those keys off for good, and on again', '', async (page) => {
    const keys = page.getByRole('checkbox', { name: 'Single-key shortcuts' });
    const press = async () => {
      await page.locator('h1').click();
      await page.keyboard.press(']');
    };
    await keys.focus();
    await page.keyboard.press('Space');
    await press();
    expect(await selected(page)).toEqual([0, 0]);
    await page.reload();
    await ready(page);
    await whole(page);
    expect(await keys.isChecked()).toBe(false);
    await press();
    expect(await selected(page)).toEqual([0, 0]);
    // Those with a modifier are no single characters.
    await page.keyboard.press('Control+Enter');
    await waitForTokens(page, 11);
    await keys.focus();
    await page.keyboard.press('Space');
    await press();
    expect(await selected(page)).toEqual([1, 0]);
    await page.waitForURL(/block=1/);
    await page.reload();
    await ready(page);
    await whole(page);
    await press();
    expect(await selected(page)).toEqual([2, 0]);
  });

  inFresh('writes those keys in the text instead', '', async (page) => {
    await page.fill('#prompt', '');
    await page.locator('#prompt').pressSequentially('a,.[]');
    expect(await page.inputValue('#prompt')).toBe('a,.[]');
    expect(await selected(page)).toEqual([0, 0]);
  });

  inFresh('has one stop in the map, and arrows within', '', async (page) => {
    await page.locator('[role=gridcell][tabindex="0"]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await selected(page)).toEqual([1, 1]);
    expect(await page.locator('[role=gridcell][tabindex="0"]').count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement!.getAttribute('data-block'))).toBe('1');
  });

  inFresh('walks through the weights, and says them', '', async (page) => {
    await page.locator('.plot').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    const { index, value } = await readoutOf(page);
    expect(index).toEqual([0, 9, 1]);
    const spoken = await page.locator('#attention-cell').textContent();
    expect(spoken).toContain(`·girl (9) looks at ·upon (1): ${value}`);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    expect(await page.locator('[data-position="8"]').getAttribute('aria-pressed')).toBe('true');
  });

  inFresh('walks through the tokens', '', async (page) => {
    await page.locator('[data-position="9"]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect((await readoutOf(page)).index[1]).toBe(7);
    await page.keyboard.press('Home');
    expect(await readoutOf(page)).toMatchObject({ value: 1, index: [0, 0, 0] });
  });

  inFresh('skips to the model first', '', async (page) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('model');
  });
});

inFresh('a row is also a table, and adds up to 1', '#block=3&head=2', async (page) => {
  await page.getByText('This row as a table').click();
  const cells = page
    .getByRole('region', { name: 'This row as a table' })
    .locator('tbody td:last-child');
  await expect.poll(() => cells.count()).toBe(10);
  const weights = await cells.allTextContents();
  expect(weights.reduce((sum, text) => sum + Number(text), 0)).toBeCloseTo(1, 2);
});

describe('the address', () => {
  inFresh('keeps text, selection and sampling over a reload', '', async (page) => {
    await page.fill('#prompt', 'The king & the #1 fox');
    await page.locator('[data-block="4"][data-head="2"]').click();
    await page.getByRole('slider', { name: 'Temperature' }).fill('1.5');
    await page.waitForURL(/temperature=1\.5/);
    await page.reload();
    await ready(page);
    expect(await page.inputValue('#prompt')).toBe('The king & the #1 fox');
    expect(await selected(page)).toEqual([4, 2]);
    expect(await page.getByRole('slider', { name: 'Temperature' }).inputValue()).toBe('1.5');
  });

  inFresh(
    'may ask for more than there is',
    '#block=99&head=99&query=99&model=none',
    async (page) => {
      expect(await selected(page)).toEqual([5, 5]);
      expect((await readoutOf(page)).index[1]).toBe(9);
    },
  );
});

describe('what is copied out of the worker', () => {
  /** Each run's activations, by name and bytes, in the order of the answers. */
  type Copied = Record<string, number>[];
  const copiedTo = (page: Page) =>
    page.evaluate(() => (window as unknown as { copied: Copied }).copied);

  /** Opens the page with an eye on what its worker answers. */
  async function watched(hash: string): Promise<Page> {
    const { page } = await site.visit(hash, {}, (page) =>
      page.addInitScript(() => {
        const copied: Copied = [];
        Object.assign(window, { copied });
        globalThis.Worker = class extends Worker {
          constructor(...of: ConstructorParameters<typeof Worker>) {
            super(...of);
            this.addEventListener('message', ({ data }) => {
              const named = (data.value?.activations ?? []) as {
                name: string;
                data: Float32Array;
              }[];
              if (named.length === 0) return;
              copied.push(
                Object.fromEntries(named.map(({ name, data }) => [name, data.byteLength])),
              );
            });
          }
        };
      }),
    );
    await ready(page);
    await whole(page);
    return page;
  }

  /** The names of a block's numbers that the flow and the norms of the inspector show. */
  const shownOf = (block: number) =>
    [
      ...['resid_pre', 'attn_out', 'resid_mid', 'mlp_out', 'resid_post'].map(
        (name) => `hook_${name}`,
      ),
      ...['q', 'k', 'v', 'z'].map((name) => `attn.hook_${name}`),
      ...['ln1', 'ln2'].flatMap((norm) => [`${norm}.hook_scale`, `${norm}.hook_normalized`]),
      ...['mlp.hook_pre', 'mlp.hook_post'],
    ].map((name) => `blocks.${block}.${name}`);
  const everywhere = [
    'hook_embed',
    'hook_pos_embed',
    'blocks.0.hook_resid_pre',
    'ln_final.hook_scale',
    'ln_final.hook_normalized',
  ];
  /** Each head is a square of the map. */
  const patterns = Array.from({ length: 6 }, (_, block) => `blocks.${block}.attn.hook_pattern`);
  const namesIn = (copied: Copied) => [...new Set(copied.flatMap(Object.keys))].sort();

  test('is what is on screen, and no more of other blocks than the map shows', async () => {
    const page = await watched('#block=2&head=1');
    const first = await copiedTo(page);
    expect(namesIn(first)).toEqual([...everywhere, ...patterns, ...shownOf(2)].sort());
    // Nothing twice.
    expect(first.flatMap(Object.keys)).toHaveLength(namesIn(first).length);
    // Another block brings its own alone, another head nothing at all.
    const added = async (deed: () => Promise<unknown>, count = 1) => {
      const before = (await copiedTo(page)).length;
      await deed();
      await expect.poll(async () => (await copiedTo(page)).length).toBe(before + count);
      return namesIn((await copiedTo(page)).slice(before));
    };
    const cell = (block: number, head: number) =>
      page.locator(`[role=gridcell][data-block="${block}"][data-head="${head}"]`);
    expect(await added(() => cell(4, 1).click())).toEqual(shownOf(4).sort());
    expect(await added(() => cell(4, 5).click(), 0)).toEqual([]);
  });

  test.each(['scores', 'scale', 'mask'])(
    'has the scores where %s shows them',
    async (operation) => {
      const page = await watched(`#block=4&op=${operation}`);
      const names = namesIn(await copiedTo(page));
      const scores = 'blocks.4.attn.hook_attn_scores';
      expect(names).toEqual([...everywhere, ...patterns, ...shownOf(4), scores].sort());
    },
  );

  test('is a small part of a long run', async () => {
    const text = 'The little dog ran to the big tree and sat down. '.repeat(12).trim();
    const page = await watched(`#block=3&text=${encodeURIComponent(text)}`);
    const tokens = (await idsOn(page)).length;
    expect(tokens).toBeGreaterThan(100);
    const copied = await copiedTo(page);
    const bytes = copied.flatMap(Object.values).reduce((sum, each) => sum + each, 0);
    // A block's own are about a sixth of all; the patterns of six heads in each of six blocks come whole.
    const ofPatterns = 6 * 6 * tokens * tokens * 4;
    const ofStream = 192 * tokens * 4;
    expect(bytes - ofPatterns).toBeLessThan(26 * ofStream);
    expect(copied).toHaveLength(1);
  });
});
