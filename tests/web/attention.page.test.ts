// The matrix of a head: what a cell says, what it is made of, and how one operation becomes the next.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { probabilityColor } from '../../web/src/view/color.ts';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, overflow, Site, waitForTokens } from './support/page.ts';

const root = new URL('../../', import.meta.url);
const [block, head, width] = [3, 1, 32];
const factor = 1 / Math.sqrt(width);
let site: Site;
let model: Model;
/** More tokens than any text here has. */
let story: number[];
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('weights/stories/', root));
  story = model.tokenizer.encode('Once upon a time, a dog ran to the big red house. '.repeat(12));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

interface Numbers {
  scores: (query: number, key: number) => number;
  q: (query: number, d: number) => number;
  k: (key: number, d: number) => number;
}

/** The numbers of the head, from a run under Node. */
async function numbersOf(page: Page): Promise<Numbers> {
  const inBlock = (name: string) => `blocks.${block}.attn.hook_${name}`;
  const names = ['attn_scores', 'q', 'k'].map(inBlock);
  const { cache } = await model.runWithCache(await idsOn(page), { names });
  const at = (name: string) => {
    const { data, dims } = cache.get(inBlock(name));
    return (...index: number[]) => data[index.reduce((at, n, axis) => at * dims[axis]! + n, 0)]!;
  };
  const [scores, q, k] = [at('attn_scores'), at('q'), at('k')];
  return {
    scores: (query, key) => scores(head, query, key),
    q: (query, d) => q(query, head, d),
    k: (key, d) => k(key, head, d),
  };
}

const open = (operation: string, more = '', options = {}) =>
  site.visitReady(`#op=${operation}&block=${block}&head=${head}${more}`, options);
const canvasOf = (page: Page) => page.locator('.inspector .attention canvas');
const products = (page: Page) => page.getByTestId('products');
const readout = (page: Page) => page.getByTestId('readout');

async function hover(page: Page, query: number, key: number, tokens = 10): Promise<void> {
  const canvas = canvasOf(page);
  const { width, height } = (await canvas.boundingBox())!;
  await canvas.hover({
    position: { x: ((key + 0.5) * width) / tokens, y: ((query + 0.5) * height) / tokens },
  });
}

/** Four digits are printed, and relaxed SIMD rounds in its own way. */
const near = (text: string | null, value: number) =>
  expect(Math.abs(numberIn(text!) - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-4);

/** All that is painted on the matrix, as one number. */
const picture = (page: Page) =>
  canvasOf(page).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0);
  });

describe('a cell under the pointer', () => {
  test('has its query and its key marked wherever they stand, as long as it is', async () => {
    const { page, complaints } = await open('scores');
    await products(page).waitFor();
    const chips = (role: string) =>
      page
        .locator(`.chip.${role}`)
        .evaluateAll((all) => all.map((chip) => (chip as HTMLElement).dataset.position));
    const words = async (within: string, role: string) =>
      (await page.locator(`${within} svg text.${role}`).allTextContents()).map((t) => t.trim());
    await hover(page, 7, 2);
    expect(await chips('query')).toEqual(['7']);
    expect(await chips('key')).toEqual(['2']);
    for (const within of ['.attention .plot', '.flow']) {
      expect(await words(within, 'query')).toEqual(['·a']);
      expect(await words(within, 'key')).toEqual(['·a']);
    }
    await hover(page, 9, 1);
    expect(await words('.flow', 'key')).toEqual(['·upon']);
    const titles = () => products(page).locator('figcaption .title').allTextContents();
    expect((await titles()).slice(0, 2)).toEqual(['query 9 ·girl', 'key 1 ·upon']);
    await page.mouse.move(5, 5);
    // Back to the one that is explained.
    expect(await chips('key')).toEqual([]);
    expect((await titles()).slice(0, 2)).toEqual(['query 9 ·girl', 'key 0 Once']);
    expect(complaints).toEqual([]);
  });

  test.each([10, 40, 120])('colours what it looks at among %i tokens', async (tokens) => {
    const text = encodeURIComponent(model.tokenizer.decode(story.slice(0, tokens)));
    const { page } = await open('softmax', `&text=${text}`);
    await waitForTokens(page, tokens);
    const colours = () =>
      page
        .locator('[data-position] .piece')
        .evaluateAll((all) => all.map((piece) => getComputedStyle(piece).backgroundColor));
    /** Kinds of the module differ by a rounding, which may be a step of the scale. */
    const expectRow = (query: number, ids: readonly number[], shownHead = head) =>
      expect
        .poll(async () => {
          const name = `blocks.${block}.attn.hook_pattern`;
          const pattern = (await model.runWithCache(ids, { names: [name] })).cache.get(name);
          const shown = await colours();
          return ids.flatMap((_, key) => {
            const channels = shown[key]!.match(/[\d.]+/g)!.map(Number);
            if (key > query) return channels[3] === 0 ? [] : [key];
            const color = probabilityColor(pattern.at(shownHead, query, key), 'light');
            return color.every((channel, i) => Math.abs(channel - channels[i]!) <= 4) ? [] : [key];
          });
        })
        .toEqual([]);
    const ids = await idsOn(page);
    await expectRow(tokens - 1, ids);
    await hover(page, tokens >> 1, tokens >> 2, tokens);
    await expectRow(tokens >> 1, ids);
    await page.mouse.move(5, 5);
    await expectRow(tokens - 1, ids);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, tokens + 1);
    await expectRow(tokens, await idsOn(page));
    await page.getByRole('button', { name: 'Next head' }).click();
    await expectRow(tokens, await idsOn(page), head + 1);
  });

  test.each([
    ['scores', 1440],
    ['softmax', 1440],
    ['scores', 390],
    ['softmax', 390],
  ])('of %s in a window %i wide moves nothing below it', async (operation, width) => {
    const { page } = await open(operation);
    await page.setViewportSize({ width, height: 900 });
    if (operation === 'scores') await products(page).waitFor();
    const heights = new Set<number>();
    for (let query = 0; query < 10; query += 1) {
      for (const key of new Set([0, Math.floor(query / 2), query])) {
        await hover(page, query, key);
        heights.add(await page.locator('.inspector').evaluate((all) => all.scrollHeight));
      }
    }
    expect(heights.size).toBe(1);
  });

  test.each([
    ['scores', 1 / factor],
    ['scale', 1],
    ['mask', 1],
  ] as const)('of %s is the one number that the model has', async (operation, times) => {
    const { page } = await open(operation);
    await products(page).waitFor();
    const numbers = await numbersOf(page);
    for (const [query, key] of [
      [7, 2],
      [0, 0],
      [9, 9],
      [5, 1],
    ] as const) {
      await hover(page, query, key);
      near(
        await readout(page).locator('.weight dd').textContent(),
        numbers.scores(query, key) * times,
      );
    }
  });

  test.each(['scores', 'scale'] as const)(
    'of %s shows the products that it is the sum of',
    async (operation) => {
      const { page } = await open(operation);
      await products(page).waitFor();
      const numbers = await numbersOf(page);
      const [query, key] = [7, 2];
      await hover(page, query, key);
      const from = `[data-from="${head}, ${query}, ${key}"]`;
      const sum = products(page).locator(`[data-testid=sum]${from}`);
      await sum.waitFor();
      const times = operation === 'scores' ? 1 : factor;
      const shown = numberIn((await readout(page).locator('.weight dd').textContent())!);
      await expect
        .poll(async () => Math.abs(numberIn((await sum.textContent())!) - shown))
        .toBeLessThan(0.01);
      // By keyboard from product to product, so that the cell under the pointer stays.
      const strip = products(page).getByRole('application').last();
      await strip.focus();
      let total = 0;
      for (let d = 0; d < width; d += 1) {
        await page.keyboard.press(d === 0 ? 'Home' : 'ArrowRight');
        const said = products(page).getByTestId('product');
        const [q, k] = [numbers.q(query, d), numbers.k(key, d)];
        near(await said.locator('span.query').textContent(), q);
        near(await said.locator('span.key').textContent(), k);
        const product = await said.locator('b').textContent();
        near(product, q * k * times);
        total += numberIn(product!);
      }
      expect(Math.abs(total - shown)).toBeLessThan(0.02);
    },
  );

  test('that is masked says so, by pointer and by keyboard', async () => {
    const { page } = await open('mask');
    await products(page).waitFor();
    await hover(page, 2, 7);
    expect((await readout(page).locator('.weight dd').textContent())!.trim()).toBe('−∞');
    await readout(page).getByText('masked: a token does not see those after it').waitFor();
    await products(page).getByText('a token does not see those that come after it').waitFor();
    await page.locator('.inspector .attention .plot').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
    const value = readout(page).locator('dd[data-index="1, 2, 3"]');
    expect((await value.textContent())!.trim()).toBe('−∞');
    await page.keyboard.press('ArrowLeft');
    expect(await readout(page).locator('dd[data-index="1, 2, 2"]').textContent()).not.toContain(
      '∞',
    );
    // In the next operation there is no such cell to look at.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Next operation' }).click();
    await readout(page).locator('dd[data-tensor$=hook_pattern]').waitFor();
    const [, query, key] = (await readout(page).locator('.weight dd').getAttribute('data-index'))!
      .split(', ')
      .map(Number);
    expect(key).toBeLessThanOrEqual(query!);
  });

  test('of the weights shows the score, its exponential and what all of them amount to', async () => {
    const { page } = await open('softmax');
    const numbers = await numbersOf(page);
    await page.getByText('Point at a weight').waitFor();
    const [query, key] = [7, 2];
    await hover(page, query, key);
    const row = Array.from({ length: query + 1 }, (_, s) => numbers.scores(query, s));
    const exponentials = row.map((score) => Math.exp(score - Math.max(...row)));
    const total = exponentials.reduce((sum, each) => sum + each, 0);
    const made = page.getByTestId('made');
    const value = (source: string) => made.locator(`dd[${source}][data-from="1, 7, 2"]`);
    await made.locator('dd[data-tensor$=hook_attn_scores]').waitFor();
    await value('data-path=exp').waitFor();
    near(await made.locator('dd[data-tensor$=hook_attn_scores]').textContent(), row[key]!);
    near(await value('data-path=max').textContent(), Math.max(...row));
    near(await value('data-path=exp').textContent(), exponentials[key]!);
    near(await value('data-path=Z').textContent(), total);
    near(await readout(page).locator('.weight dd').textContent(), exponentials[key]! / total);
  });
});

describe('from operation to operation', () => {
  test('the picture changes', async () => {
    const { page } = await open('scores');
    await products(page).waitFor();
    const pictures = [await picture(page)];
    for (const caption of ['score', 'score', 'weight']) {
      await page.getByRole('button', { name: 'Next operation' }).click();
      await readout(page).locator('.weight dt', { hasText: caption }).waitFor();
      pictures.push(await picture(page));
    }
    expect(new Set(pictures).size).toBe(4);
  });

  test.each([
    ['gradually', 'no-preference', 4, 100],
    ['at once where less motion is wanted', 'reduce', 2, 2],
  ] as const)('it does so %s', async (_, reducedMotion, fewest, most) => {
    const { page } = await open('scale', '', { reducedMotion });
    await products(page).waitFor();
    const seen = await page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>('.inspector .attention canvas')!;
      const look = () =>
        canvas
          .getContext('2d')!
          .getImageData(4, canvas.height - 8, 1, 1)
          .data.join();
      const colors = new Set([look()]);
      document.querySelector<HTMLElement>('[aria-label="Next operation"]')!.click();
      const start = performance.now();
      while (performance.now() - start < 900) {
        await new Promise(requestAnimationFrame);
        colors.add(look());
      }
      return colors.size;
    });
    expect(seen).toBeGreaterThanOrEqual(fewest);
    expect(seen).toBeLessThanOrEqual(most);
  });

  test('the legend goes as far as the scores of this head', async () => {
    const { page } = await open('mask');
    await products(page).waitFor();
    const numbers = await numbersOf(page);
    let largest = 0;
    for (let query = 0; query < 10; query += 1) {
      for (let key = 0; key <= query; key += 1) {
        largest = Math.max(largest, Math.abs(numbers.scores(query, key)));
      }
    }
    const ends = page.locator('.inspector .attention .ticks .last');
    expect(Math.abs(numberIn((await ends.textContent())!) - largest)).toBeLessThan(largest / 100);
    await page.getByRole('button', { name: 'Previous operation' }).click();
    await page.getByText('on the scale of the dot products').waitFor();
    const dots = numberIn((await ends.textContent())!);
    expect(Math.abs(dots - largest / factor)).toBeLessThan(dots / 100);
  });
});

describe('a long text', () => {
  const text = 'The little dog ran to the big tree and sat down. '.repeat(12).trim();

  test('is looked at closer, by button and by keyboard', async () => {
    const { page } = await open('mask', `&text=${encodeURIComponent(text)}`);
    await products(page).waitFor();
    const tokens = (await idsOn(page)).length;
    expect(tokens).toBeGreaterThan(100);
    await waitForTokens(page, tokens);
    const plot = page.locator('.inspector .attention .plot');
    await plot.focus();
    await page.keyboard.press('PageUp');
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('+');
    expect(await plot.locator('text.token').count()).toBe(24);
    // The window goes along with the cell.
    await page.keyboard.press('PageDown');
    for (let i = 0; i < 20; i += 1) await page.keyboard.press('ArrowRight');
    await readout(page)
      .locator(`dd[data-index="${head}, ${tokens - 1}, 20"]`)
      .waitFor();
    expect(await plot.locator('rect.cell').count()).toBe(1);
    const scores = await numbersOf(page);
    await hover(page, 11, 0, 12);
    const index = (await readout(page).locator('.weight dd').getAttribute('data-index'))!;
    const [, query, key] = index.split(', ').map(Number);
    expect([query, key]).toEqual([tokens - 1, 9]);
    near(await readout(page).locator('.weight dd').textContent(), scores.scores(query!, key!));
    const out = page.getByRole('button', { name: 'Further away' });
    while (await out.isEnabled()) await out.click();
    expect(await plot.locator('text.token').count()).toBeLessThanOrEqual(2);
  });

  test('is seen from closer by wheel, and dragged', async () => {
    const { page } = await open('softmax', `&text=${encodeURIComponent(text)}`);
    await waitForTokens(page, (await idsOn(page)).length);
    const plot = page.locator('.inspector .attention .plot');
    await plot.scrollIntoViewIfNeeded();
    const canvas = (await plot.locator('canvas').boundingBox())!;
    const at = [canvas.x + canvas.width * 0.25, canvas.y + canvas.height * 0.75] as const;
    const cell = async () => {
      await page.mouse.move(at[0] + 1, at[1]);
      await page.mouse.move(...at);
      const index = await readout(page).locator('.weight dd').getAttribute('data-index');
      return index!.split(', ').slice(1).map(Number) as [number, number];
    };
    const [query, key] = await cell();
    await page.keyboard.down('Control');
    for (let i = 0; i < 4; i += 1) await page.mouse.wheel(0, -50);
    await page.keyboard.up('Control');
    await plot.locator('text.token').nth(10).waitFor();
    // What was under the pointer stays there.
    const closer = await cell();
    expect(Math.abs(closer[0] - query)).toBeLessThanOrEqual(2);
    expect(Math.abs(closer[1] - key)).toBeLessThanOrEqual(2);
    await page.mouse.down();
    await page.mouse.move(at[0] + 40, at[1] + 40, { steps: 4 });
    await page.mouse.up();
    const dragged = await cell();
    expect(dragged[0]).toBeLessThan(closer[0]);
    expect(dragged[1]).toBeLessThan(closer[1]);
    expect(closer[0] - dragged[0]).toBe(closer[1] - dragged[1]);
  });
});

test('the readout has all digits of the number', async () => {
  const { page } = await open('softmax');
  const { scores } = await numbersOf(page);
  expect(scores(9, 8)).toBeLessThan(0);
  for (const operation of ['softmax', 'mask']) {
    if (operation === 'mask')
      await page.getByRole('button', { name: 'Previous operation' }).click();
    await hover(page, 7, 2);
    const shown = readout(page).locator('.weight dd');
    const all = readout(page).locator('[data-exact]');
    await readout(page).locator('dd[data-index$=", 7, 2"]').waitFor();
    const digits = (await all.textContent())!.replace('−', '-');
    expect(Number(digits)).toBe(Math.fround(Number(digits)));
    expect(digits.length).toBeGreaterThan(12);
    near(await shown.textContent(), Number(digits));
  }
});

describe.each([
  ['en-GB', 'This row as a table', ['dot product', 'score', 'weight']],
  ['zh-CN', '以表格查看这一行', ['点积', '分数', '权重']],
] as const)('a row in words, in %s', (locale, title, [dot, score, weight]) => {
  // What each column says of the pair of a query and a key, from the trace of the run.
  const columns: Record<string, [string, (scores: number[], key: number) => number][]> = {
    scores: [[dot, (scores, key) => scores[key]! / factor]],
    scale: [
      [dot, (scores, key) => scores[key]! / factor],
      [score, (scores, key) => scores[key]!],
    ],
    mask: [[score, (scores, key) => scores[key]!]],
    softmax: [
      [score, (scores, key) => scores[key]!],
      ['exp', (scores, key) => Math.exp(scores[key]! - Math.max(...scores))],
      [
        weight,
        (scores, key) => {
          const exponentials = scores.map((each) => Math.exp(each - Math.max(...scores)));
          return exponentials[key]! / exponentials.reduce((sum, each) => sum + each, 0);
        },
      ],
    ],
  };

  test.each(Object.keys(columns))('%s, by keyboard alone', async (operation) => {
    const text = `&text=${encodeURIComponent('Once upon a time, there was a little girl')}`;
    const { page, complaints } = await open(operation, `&model=stories${text}`, { locale });
    const numbers = await numbersOf(page);
    const tokens = (await idsOn(page)).length;
    const summary = page.locator('.attention summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    const region = page.getByRole('region', { name: title });
    await region.waitFor();
    await page.keyboard.press('Tab');
    expect(await region.evaluate((element) => element === document.activeElement)).toBe(true);
    // The table goes along with the cell.
    await page.locator('.attention .plot').focus();
    for (const key of ['PageUp', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
      await page.keyboard.press(key);
    }
    const query = 3;
    const keys = operation === 'mask' ? tokens : query + 1;
    const scores = Array.from({ length: keys }, (_, key) => numbers.scores(query, key));
    const expected = columns[operation]!;
    const rows = region.getByRole('row');
    await expect
      .poll(() => region.locator('tbody [data-index], tbody [data-from]').count())
      .toBe(keys * expected.length);
    await expect.poll(() => region.locator('tbody td').filter({ hasText: /^$/ }).count()).toBe(0);
    const heads = await region.getByRole('columnheader').allTextContents();
    expect(heads).toHaveLength(expected.length + 1);
    for (const [place, [head]] of expected.entries()) expect(heads[place + 1]).toContain(head);
    for (let key = 0; key < keys; key += 1) {
      const row = rows.nth(key + 1);
      expect(await row.getByRole('rowheader').locator('code').textContent()).toBe(String(key));
      expect(await row.getAttribute('aria-current')).toBe(key === 0 ? 'true' : null);
      const cells = await row.getByRole('cell').all();
      for (const [place, cell] of cells.entries()) {
        const at =
          (await cell.getAttribute('data-index')) ?? (await cell.getAttribute('data-from'));
        expect(at).toBe(`${head}, ${query}, ${key}`);
        const value = expected[place]![1](scores, key);
        const said = await cell.textContent();
        if (Number.isFinite(value)) near(said, value);
        else expect(said).toBe('−∞');
      }
    }
    // And the whole matrix is told of, those that are masked left out.
    const seen = Array.from({ length: tokens }, (_, at) => at).flatMap((at) => {
      const row = Array.from({ length: at + 1 }, (_, key) => numbers.scores(at, key));
      return row.map((_, key) => expected.at(-1)![1](row, key));
    });
    const statistics = page.locator('.attention details [data-source=statistics]');
    const [min, max] = (await statistics.textContent())!.match(/[−\d.]+/gu)!;
    expect(Math.abs(numberIn(min!) - Math.min(...seen))).toBeLessThan(0.1);
    expect(Math.abs(numberIn(max!) - Math.max(...seen))).toBeLessThan(0.1);
    expect(await violationsOn(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

test.each([
  ['scores', 'light', 'en-GB', 1440, 900],
  ['mask', 'dark', 'zh-CN', 360, 740],
] as const)('%s in %s, %s: axe finds nothing to mend', async (op, colorScheme, locale, w, h) => {
  const { page } = await open(op, '', { colorScheme, locale, viewport: { width: w, height: h } });
  await products(page).waitFor();
  expect(await violationsOn(page)).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});
