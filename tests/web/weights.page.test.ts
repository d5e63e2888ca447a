/**
 * Weights, vectors and sums of the inspector: opened, pointed at and walked through by keyboard, each number
 * compared with the package's own under Node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActivationCache, load, type Model } from 'glassformer';
import type { Locator, Page } from 'playwright-core';
import { exact, percent } from '../../web/src/view/numbers.ts';
import { inOrder } from '../../web/src/view/sum_walk.ts';
import { tokenLabel } from '../../web/src/view/token_text.ts';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, Site } from './support/page.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
let model: Model;
let page: Page;
let ids: number[];
let cache: ActivationCache;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('weights/stories/', root));
  ({ page } = await site.visitReady('#block=2&head=3'));
  ids = await idsOn(page);
  ({ cache } = await model.runWithCache(ids));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

/** Four digits are printed, and relaxed SIMD rounds in its own way. */
const near = (shown: number, value: number, size = 1) =>
  expect(Math.abs(shown - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + 1e-5 * size);

const inspect = (operation: string) =>
  page.locator('.inspector select').selectOption(operation, { timeout: 20_000 });

const inspector = () => page.locator('.inspector');
const indexOf = async (shown: Locator) =>
  (await shown.getAttribute('data-index'))!.split(', ').map(Number);

/** Points at a place of a plot, given in shares of its width and height. */
async function hover(plot: Locator, x: number, y: number): Promise<void> {
  await plot.scrollIntoViewIfNeeded();
  const { width, height } = (await plot.boundingBox())!;
  await plot.hover({ position: { x: x * width, y: y * height } });
}

test('a finger finds an entry of a weight, and leaves it when it is lifted', async () => {
  const viewport = { width: 390, height: 844 };
  const { page: phone } = await site.visitReady('#op=mlpUp&block=2', { viewport, hasTouch: true });
  const name = 'h.2.mlp.c_fc.weight';
  const plot = phone.getByRole('application', { name: `The weight ${name},` });
  await phone.locator('.inspector summary', { hasText: `The weight ${name}` }).tap();
  await plot.tap();
  const entry = phone.locator('.inspector details').filter({ has: plot }).locator('.read b');
  await entry.waitFor();
  const index = await indexOf(entry);
  near(numberIn((await entry.textContent())!), (await model.weight(name)).at(...index));
});

describe.each([
  ['embedding', 'wte.weight', 'embed.W_E'],
  ['embedding', 'wpe.weight', 'pos_embed.W_pos'],
  ['queryKeyValue', 'h.2.attn.c_attn.weight', 'blocks.2.attn.W_Q'],
  ['outputProjection', 'h.2.attn.c_proj.weight', 'blocks.2.attn.W_O'],
  ['mlpUp', 'h.2.mlp.c_fc.weight', 'blocks.2.mlp.W_in'],
  ['mlpDown', 'h.2.mlp.c_proj.weight', 'blocks.2.mlp.W_out'],
  ['unembedding', 'wte.weight', 'unembed.W_U'],
])('of %s the weight %s', (operation, name, lensName) => {
  let plot: Locator;
  let details: Locator;
  const read = () => details.locator('.read');
  const entry = () => read().locator('b');

  async function expectEntry(): Promise<number[]> {
    const weight = await model.weight(name);
    const index = await indexOf(entry());
    const value = weight.at(...index);
    near(numberIn((await entry().textContent())!), value);
    // What was stored with 16 bits has the same digits here and there.
    expect(await read().locator('[data-exact]').textContent()).toBe(exact(value));
    return index;
  }

  beforeAll(async () => {
    await inspect(operation);
    plot = page.getByRole('application', { name: `The weight ${name},` });
    details = inspector().locator('details').filter({ has: plot });
    const summary = inspector().locator('summary', { hasText: `The weight ${name}` });
    await summary.waitFor();
    expect(await summary.textContent()).toContain(lensName);
    if ((await plot.count()) === 0) await summary.click();
    await plot.waitFor();
  });
  afterAll(() => page.mouse.move(0, 0));

  test('says the number under the pointer, and under the keyboard', async () => {
    const [rows, columns] = (await model.weight(name)).dims as [number, number];
    await hover(plot, 0.25, 0.5);
    await entry().waitFor();
    const [row, column] = (await expectEntry()) as [number, number];
    expect(Math.abs(row - rows / 2)).toBeLessThanOrEqual(2 + rows / 50);
    expect(Math.abs(column - columns / 4)).toBeLessThanOrEqual(2 + columns / 50);
    await plot.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await expectEntry()).toEqual([row + 2, column + 1]);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowLeft');
    expect(await expectEntry()).toEqual([row + 1, column]);
  });

  test('is seen from closer, and whole again', async () => {
    await page.mouse.move(0, 0);
    const [rows, columns] = (await model.weight(name)).dims as [number, number];
    const extent = async () => {
      const text = (await read().textContent())!;
      const [, top, bottom, left, right] = /rows (\d+)–(\d+), columns (\d+)–(\d+)/.exec(text)!;
      return [Number(bottom) - Number(top) + 1, Number(right) - Number(left) + 1];
    };
    expect(await extent()).toEqual([rows, columns]);
    await details.getByRole('button', { name: 'Closer' }).click();
    await details.getByRole('button', { name: 'Closer' }).click();
    expect(await extent()).toEqual([rows / 4, columns / 4]);
    await details.getByRole('button', { name: 'Further away' }).click();
    await details.getByRole('button', { name: 'Further away' }).click();
    expect(await extent()).toEqual([rows, columns]);
  });

  test('is seen from closer by wheel and by keyboard, and dragged', async () => {
    const [rows, columns] = (await model.weight(name)).dims as [number, number];
    const window = async () => {
      await page.mouse.move(0, 0);
      const said = (await read().textContent())!;
      return Array.from(said.matchAll(/\d+/g), ([number]) => Number(number));
    };
    await hover(plot, 0.5, 0.5);
    const { x, y, width, height } = (await plot.boundingBox())!;
    const middle = [x + width / 2, y + height / 2] as const;
    const scrolled = await page.evaluate(() => scrollY);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -Math.LN2 * 100);
    await page.keyboard.up('Control');
    expect(await page.evaluate(() => scrollY)).toBe(scrolled);
    const [top, bottom, left, right] = await window();
    expect([bottom! - top! + 1, right! - left! + 1]).toEqual([rows / 2, columns / 2]);
    // A third of the window up and to the left: what was there goes down and to the right.
    await page.mouse.move(...middle);
    await page.mouse.down();
    await page.mouse.move(middle[0] + width / 6, middle[1] + height / 6, { steps: 4 });
    await page.mouse.up();
    const [upper, , further] = await window();
    expect(Math.abs(top! - upper! - rows / 12)).toBeLessThanOrEqual(2 + rows / 100);
    expect(Math.abs(left! - further! - columns / 12)).toBeLessThanOrEqual(2 + columns / 100);
    await plot.focus();
    await page.keyboard.press('-');
    expect(await window()).toEqual([0, rows - 1, 0, columns - 1]);
    await page.keyboard.press('+');
    const [first, last] = await window();
    expect(last! - first! + 1).toBe(rows / 2);
    await page.keyboard.press('-');
  });
});

test.each([
  ['en-GB', 'As a table', 'Row', 'Column', 'h.2.mlp.c_fc.weight: rows 32–39, columns 760–767'],
  ['zh-CN', '以表格查看', '行', '列', 'h.2.mlp.c_fc.weight: 第 32–39 行，第 760–767 列'],
])('a weight is a table too, by keyboard, in %s', async (locale, title, row, column, caption) => {
  const link = '#op=mlpUp&block=2&model=stories&text=Once';
  const { page: fresh, complaints } = await site.visitReady(link, { locale });
  const name = 'h.2.mlp.c_fc.weight';
  const weight = await model.weight(name);
  await fresh.locator('.inspector summary', { hasText: name }).focus();
  await fresh.keyboard.press('Enter');
  await fresh.getByText(title, { exact: true }).focus();
  await fresh.keyboard.press('Enter');
  const region = fresh.getByRole('region', { name: `${title}: ${name}` });
  const entries = region.locator('td[data-tensor]');
  const expectPage = async (top: number, left: number, [down, across]: [number, number]) => {
    await region.locator(`td[data-index="${down}, ${across}"][aria-current]`).waitFor();
    // Never the whole matrix.
    expect(await entries.count()).toBe(64);
    const heads = await region.getByRole('columnheader').allTextContents();
    expect(heads.slice(1)).toEqual(Array.from({ length: 8 }, (_, at) => String(left + at)));
    const names = await region.getByRole('rowheader').allTextContents();
    expect(names.map(Number)).toEqual(Array.from({ length: 8 }, (_, at) => top + at));
    const all = await entries.evaluateAll((cells) =>
      cells.map((cell) => [cell.getAttribute('data-index')!, cell.textContent!] as const),
    );
    for (const [place, [index, text]] of all.entries()) {
      const at = [top + Math.floor(place / 8), left + (place % 8)] as const;
      expect(index).toBe(at.join(', '));
      near(numberIn(text), weight.at(...at));
    }
  };
  await expectPage(0, 0, [0, 0]);
  // Any entry by its number; then on from entry to entry, from page to page.
  await fresh.getByRole('spinbutton', { name: row }).fill('37');
  const field = fresh.getByRole('spinbutton', { name: column });
  await field.fill('767');
  await expectPage(32, 760, [37, 767]);
  expect((await region.locator('caption').textContent())!.trim()).toBe(caption);
  await field.press('ArrowUp');
  await expectPage(32, 760, [37, 767]);
  const plot = fresh.getByRole('application', { name: `${name}` });
  await plot.focus();
  for (let i = 0; i < 6; i += 1) await fresh.keyboard.press('ArrowUp');
  await expectPage(24, 760, [31, 767]);
  for (let i = 0; i < 8; i += 1) await fresh.keyboard.press('ArrowLeft');
  await expectPage(24, 752, [31, 759]);
  expect(await field.inputValue()).toBe('759');
  // What is no entry of the matrix leads nowhere.
  await field.fill('768');
  await field.press('Tab');
  await expectPage(24, 752, [31, 759]);
  expect(await region.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await violationsOn(fresh)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the queries, keys and values of a head are a click away', async () => {
  await inspect('queryKeyValue');
  const summary = inspector().locator('summary', { hasText: 'c_attn.weight' });
  if ((await inspector().locator('.parts').count()) === 0) await summary.click();
  for (const [part, columns] of [
    ['W_Q', '96–127'],
    ['W_K', '288–319'],
    ['W_V', '480–511'],
  ]) {
    await page.getByRole('button', { name: `${part} of head 3` }).click();
    await page.getByText(`rows 0–191, columns ${columns}`).waitFor();
  }
  await page.getByRole('button', { name: 'All of it' }).click();
  await page.getByText('rows 0–191, columns 0–575').waitFor();
});

describe('a vector', () => {
  test('says the number under the pointer, and under the keyboard', async () => {
    await inspect('mlpUp');
    const figure = inspector().locator('figure').filter({ hasText: 'blocks.2.mlp.hook_pre' });
    const plot = figure.getByRole('application');
    const shown = figure.locator('figcaption b');
    const { data, dims } = cache.get('blocks.2.mlp.hook_pre');
    const expectShown = async () => {
      const [t, f] = (await indexOf(shown)) as [number, number];
      near(numberIn((await shown.textContent())!), data[t * dims[1]! + f]!, 10);
      return [t, f];
    };
    await hover(plot, 0.4, 0.5);
    const [position, under] = await expectShown();
    expect(position).toBe(9);
    await page.mouse.move(0, 0);
    await plot.focus();
    await page.keyboard.press('End');
    expect(await expectShown()).toEqual([9, 767]);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    expect(await expectShown()).toEqual([9, 1]);
    expect(under).not.toBe(1);
    // Enter explains it, and its weights have both names.
    await page.keyboard.press('Enter');
    await page.locator('.number-shown[data-index="9, 1"]').waitFor();
    const names = (await page.getByTestId('why').locator('.name').textContent())!;
    expect(names.replace(/\s+/g, '')).toBe(
      'blocks.2.mlp.hook_pre[9,1]←h.2.mlp.c_fc.weightW_in+h.2.mlp.c_fc.biasb_in',
    );
  });

  test.each([
    ['embedding', ['hook_embed', 'hook_pos_embed', 'blocks.0.hook_resid_pre']],
    ['residual', ['blocks.2.hook_resid_pre', 'blocks.2.hook_attn_out', 'blocks.2.hook_resid_mid']],
  ])('of %s is the sum of two others, number by number', async (operation, names) => {
    await inspect(operation);
    const values: number[] = [];
    for (const [place, name] of names.entries()) {
      const figure = inspector().locator('.part').nth(place).locator('figure');
      await figure.locator('summary code', { hasText: name }).first().waitFor();
      await figure.getByRole('application').focus();
      for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
      const shown = figure.locator('figcaption b');
      expect(await indexOf(shown)).toEqual([9, 2]);
      values.push(numberIn((await shown.textContent())!));
      near(values.at(-1)!, cache.get(name).at(9, 2));
    }
    const [before, added, after] = values as [number, number, number];
    near(before + added, after, 100 * Math.abs(before));
  });
});

test.each([
  ['layerNorm', 'h.2.ln_1.weight', ['ln1.w'], 'its weight (gamma)'],
  ['layerNorm', 'h.2.ln_1.bias', ['ln1.b'], 'its bias (beta)'],
  ['queryKeyValue', 'h.2.attn.c_attn.bias', ['attn.b_Q'], 'bias of Q', 0],
  ['queryKeyValue', 'h.2.attn.c_attn.bias', ['attn.b_K'], 'bias of K', 1],
  ['queryKeyValue', 'h.2.attn.c_attn.bias', ['attn.b_V'], 'bias of V', 2],
  ['outputProjection', 'h.2.attn.c_proj.bias', ['attn.b_O'], 'bias'],
  ['mlpUp', 'h.2.mlp.c_fc.bias', ['mlp.b_in'], 'bias'],
  ['mlpDown', 'h.2.mlp.c_proj.bias', ['mlp.b_out'], 'bias'],
] as const)(
  'of %s the whole of %s: %s',
  async (operation, name, lensNames, title, third?: number) => {
    await inspect(operation);
    const figure = inspector()
      .locator('.part figure')
      .filter({ has: page.getByText(name, { exact: true }) })
      .filter({ has: page.getByText(title, { exact: true }) });
    await figure.locator('.title').getByText(title, { exact: true }).waitFor();
    const { data: whole } = await model.weight(name);
    const [from, to] = third === undefined ? [0, whole.length] : [third * 192, (third + 1) * 192];
    const data = whole.subarray(from, to);
    const summary = figure.locator('summary');
    const said = (await summary.textContent())!;
    for (const lensName of lensNames) expect(said).toContain(`blocks.2.${lensName}`);
    expect(said.match(/blocks\./g)).toHaveLength(lensNames.length);
    expect(said).toContain(`[${whole.length}]`);
    // Its last number, by keyboard, to its last digit.
    await figure.getByRole('application').focus();
    await page.keyboard.press('End');
    expect(await indexOf(figure.locator('figcaption b'))).toEqual([to - 1]);
    // Of a third it is said which head's it is: 192 numbers are six heads of 32.
    expect(await figure.locator('.read').textContent()).toContain(
      third === undefined ? '[' : `${title}, head 5, component 31`,
    );
    expect(await figure.locator('[data-exact]').textContent()).toBe(exact(data.at(-1)!));
    // All of them, as a list.
    await summary.click();
    const numbers = figure.locator('ol [data-tensor]');
    await expect.poll(() => numbers.count()).toBe(data.length);
    // It goes on beyond what is seen, and its ends say so.
    const ends = await figure.locator('ol').evaluate((list) => ({
      goesOn: list.scrollWidth > list.clientWidth,
      shadows: getComputedStyle(list).backgroundAttachment.match(/scroll/g)?.length,
    }));
    expect(ends).toEqual({ goesOn: true, shadows: 4 });
    for (const [place, text] of (await numbers.allTextContents()).entries()) {
      near(numberIn(text), data[place]!);
    }
    await summary.click();
  },
);

test('a layer norm shows its mean, its scale, and what it learned', async () => {
  await inspect('layerNorm');
  await page.locator('.number-shown[data-tensor="blocks.2.ln1.hook_normalized"]').waitFor();
  const column = (await indexOf(page.locator('.number-shown')))[1]!;
  const formula = inspector().getByRole('math').nth(1);
  await formula.locator('[data-tensor="h.2.ln_1.weight"]').first().waitFor();
  const text = (await formula.getAttribute('aria-label'))!;
  const said = (name: string) =>
    numberIn(new RegExp(`${name} = ([^ ;]+)`).exec(text)?.[1] ?? 'nothing');
  const row = cache.get('blocks.2.hook_resid_pre').data.subarray(9 * 192, 10 * 192);
  near(said('μ 9'), row.reduce((sum, value) => sum + value, 0) / 192);
  near(said('σ 9'), cache.get('blocks.2.ln1.hook_scale').at(9, 0));
  near(said(`γ ${column}`), (await model.weight('h.2.ln_1.weight')).at(column));
  near(said(`β ${column}`), (await model.weight('h.2.ln_1.bias')).at(column));
});

test('what a layer norm gives out is what the layer behind it takes in', async () => {
  const [gamma, beta] = await Promise.all(
    ['weight', 'bias'].map((name) => model.weight(`h.2.ln_1.${name}`)),
  );
  const y = (position: number, c: number) =>
    cache.get('blocks.2.ln1.hook_normalized').at(position, c) * gamma!.data[c]! + beta!.data[c]!;
  for (const [operation, place] of [
    ['layerNorm', 5],
    ['queryKeyValue', 0],
  ] as const) {
    await inspect(operation);
    const figure = inspector().locator('.part figure').nth(place);
    await figure.getByText('blocks.2.ln1.output', { exact: true }).waitFor();
    for (const position of [9, 4]) {
      await page.locator(`[data-position="${position}"]`).click();
      await figure.locator(`[data-source=statistics][data-from="${position}, 0"]`).waitFor();
      await figure.getByRole('application').focus();
      await page.keyboard.press('End');
      const shown = figure.locator('figcaption b');
      expect(await indexOf(shown)).toEqual([position, 191]);
      near(numberIn((await shown.textContent())!), y(position, 191));
    }
  }
  // Enter explains it: by what it was before its weight and bias.
  await page.keyboard.press('Enter');
  await page
    .locator('.number-shown[data-tensor="blocks.2.ln1.hook_normalized"][data-index="4, 191"]')
    .waitFor();
  const written = inspector().getByRole('math').nth(1).locator('[data-tensor$=".output"]');
  await written.waitFor();
  near(numberIn((await written.textContent())!), y(4, 191));
  await page.locator('[data-position="9"]').click();
});

describe('the gelu curve', () => {
  const gelu = (x: number) =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  const caption = () => inspector().locator('figure:has(svg) figcaption');

  /** Where the drawing has its point and its curve, in the numbers of its axes. */
  const drawn = async () => {
    const svg = inspector().locator('figure > svg');
    const { ticks, axes, point, curve } = await svg.evaluate((svg) => {
      const number = (of: Element, name: string) => Number(of.getAttribute(name));
      const ticks = Array.from(
        svg.querySelectorAll('text'),
        (text) => [number(text, 'x'), Number(text.textContent)] as const,
      );
      const axes = Array.from(svg.querySelectorAll('.axis'), (axis) =>
        ['x1', 'x2', 'y1', 'y2'].map((name) => number(axis, name)),
      );
      const circle = svg.querySelector('circle.this')!;
      const path = svg.querySelector('path')!.getAttribute('d')!;
      const curve = path.split(/[ML]/).slice(1);
      return {
        ticks,
        axes,
        point: [number(circle, 'cx'), number(circle, 'cy')],
        curve: curve.map((pair) => pair.split(' ').map(Number)),
      };
    });
    const [[left, value], [right, next]] = [ticks[0]!, ticks.at(-1)!];
    const [[x1, x2, zero], [, , top, bottom]] = axes as [number[], number[]];
    const xOf = (x: number) => value + ((x - left) * (next - value)) / (right - left);
    // The upright axis reaches as far up as the other one to the right, and 0.6 down.
    const reach = xOf(x2!);
    expect(xOf(x1!)).toBeCloseTo(-reach, 6);
    const unit = Math.abs(bottom! - top!) / (reach + 0.6);
    const at = ([x, y]: number[]) => [xOf(x!), (zero! - y!) / unit] as const;
    return { point: at(point), curve: curve.map(at) };
  };

  async function expectPoint(neuron: number, position = 9) {
    await caption().getByText(`Neuron ${neuron}:`).waitFor();
    const { point, curve } = await drawn();
    const x = cache.get('blocks.2.mlp.hook_pre').at(position, neuron);
    expect(Math.abs(point[0] - x)).toBeLessThan(1e-3 * (1 + Math.abs(x)));
    expect(Math.abs(point[1] - gelu(x))).toBeLessThan(2e-3 * (1 + Math.abs(x)));
    // Written with one decimal. It goes on beyond the neurons of this token as far as others do.
    for (const [at, value] of curve) expect(Math.abs(value - gelu(at))).toBeLessThan(0.05);
    expect(curve.length).toBeGreaterThan(60);
    expect(Math.max(...curve.map(([at]) => at))).toBeGreaterThan(2.5);
    for (const name of ['blocks.2.mlp.hook_pre', 'blocks.2.mlp.hook_post']) {
      const shown = caption().locator(
        `[data-tensor="${name}"][data-index="${position}, ${neuron}"]`,
      );
      near(numberIn((await shown.textContent())!), cache.get(name).at(position, neuron));
    }
    return point;
  }

  test('has its point at what goes in and what comes out of the neuron that is chosen', async () => {
    await inspect('gelu');
    await caption().waitFor();
    const { data } = cache.get('blocks.2.mlp.hook_post');
    const row = Array.from(data.subarray(9 * 768, 10 * 768), Math.abs);
    const points = [await expectPoint(row.indexOf(Math.max(...row)))];
    const plot = inspector().locator('.part').nth(1).getByRole('application');
    await plot.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    points.push(await expectPoint(2));
    // What is said of the one under the pointer, however long, does not move it away.
    await plot.click({ position: { x: 166, y: 20 } });
    await page.mouse.move(0, 0);
    await page.locator('.number-shown:not([data-index="9, 2"])').waitFor();
    const [, clicked] = await indexOf(page.locator('.number-shown'));
    points.push(await expectPoint(clicked!));
    expect(new Set(points.map(String)).size).toBe(points.length);
  });

  test('goes along with the token that is chosen', async () => {
    await inspect('gelu');
    await page.locator('[data-position="4"]').click();
    await page.locator('.number-shown[data-index^="4, "]').waitFor();
    const [, neuron] = await indexOf(page.locator('.number-shown'));
    await expectPoint(neuron!, 4);
    await page.locator('[data-position="9"]').click();
    await page.locator('.number-shown[data-index^="9, "]').waitFor();
    await expectPoint(neuron!);
  });
});

test('what the final norm reads is there, whichever block is on screen', async () => {
  await inspect('finalNorm');
  await inspector().locator('summary code', { hasText: 'blocks.5.hook_resid_post' }).waitFor();
  // All six: what goes in, what it is divided by, what that leaves, gamma and beta, what comes out.
  await expect.poll(() => inspector().locator('.part').count()).toBe(6);
  const scale = inspector().locator('.part figure').filter({ hasText: 'ln_final.hook_scale' });
  await scale.getByRole('application').focus();
  await page.keyboard.press('End');
  expect(await indexOf(scale.locator('figcaption b'))).toEqual([9, 0]);
  near(
    numberIn((await scale.locator('figcaption b').textContent())!),
    cache.get('ln_final.hook_scale').at(9, 0),
  );
});

describe('a sum', () => {
  const why = () => page.getByTestId('why');
  const slider = () => why().getByRole('slider');

  test('is added up as far as the slider says', async () => {
    await inspect('queryKeyValue');
    await page.locator('.number-shown[data-tensor="blocks.2.attn.hook_q"]').waitFor();
    const index = await indexOf(page.locator('.number-shown'));
    const whole = await model.explain(ids, 'blocks.2.attn.hook_q', index, { terms: 100_000 });
    const terms = inOrder(whole.terms);
    await why().locator('summary', { hasText: 'term by term' }).click();
    await slider().waitFor();
    const expectSum = async (count: number) => {
      expect(await slider().inputValue()).toBe(String(count));
      const sum = terms.slice(0, count).reduce((total, { value }) => total + value, 0);
      near(numberIn((await why().locator('[data-source=walk]').textContent())!), sum);
      // Both vectors, and the matrix below, say where it is; a bias is in neither.
      const inVectors = count > 0 && count < terms.length;
      expect(await why().locator('.strip i').count()).toBe(inVectors ? 2 : 0);
      expect(await inspector().locator('.plot .walked').count()).toBe(inVectors ? 1 : 0);
    };
    expect(terms).toHaveLength(193);
    if ((await inspector().locator('.parts').count()) === 0) {
      await inspector().locator('summary', { hasText: 'c_attn.weight' }).click();
      await inspector().locator('.parts').waitFor();
    }
    // Who wants no motion finds it added up.
    await expectSum(193);
    expect(await why().locator('.said').textContent()).toMatch(/ bias:/);
    await slider().focus();
    await page.keyboard.press('Home');
    await expectSum(0);
    for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowRight');
    await expectSum(5);
    expect(await why().locator('.said').textContent()).toContain('c = 4:');
    await page.keyboard.press('End');
    await expectSum(193);
  });

  test('is whole at once where less motion is wanted, also when played again', async () => {
    await slider().focus();
    await page.keyboard.press('Home');
    await why().getByRole('button', { name: 'Play' }).click();
    expect(await slider().inputValue()).toBe('193');
  });

  test('lists more terms, and fewer', async () => {
    const rows = why().locator('table').first().locator('tbody tr');
    expect(await rows.count()).toBe(9);
    await why().getByRole('button', { name: 'More terms' }).click();
    await why().getByText('129 more terms together').waitFor();
    expect(await rows.count()).toBe(65);
    await why().getByRole('button', { name: 'Fewer terms' }).click();
    await why().getByText('185 more terms together').waitFor();
    expect(await rows.count()).toBe(9);
  });
});

describe.each([
  ['queryKeyValue', 'blocks.2.attn.hook_q', [9, 3, 7], 'h.2.attn.c_attn.weight', 103, 0],
  ['queryKeyValue', 'blocks.2.attn.hook_k', [9, 3, 7], 'h.2.attn.c_attn.weight', 295, 0],
  ['queryKeyValue', 'blocks.2.attn.hook_v', [9, 3, 7], 'h.2.attn.c_attn.weight', 487, 0],
  // Head 3 has rows of its own, 32 of them.
  ['outputProjection', 'blocks.2.attn.hook_result', [9, 3, 7], 'h.2.attn.c_proj.weight', 7, 96],
  ['mlpUp', 'blocks.2.mlp.hook_pre', [9, 700], 'h.2.mlp.c_fc.weight', 700, 0],
  ['mlpDown', 'blocks.2.hook_mlp_out', [9, 7], 'h.2.mlp.c_proj.weight', 7, 0],
  // The table has a row for each token: here a row is walked.
  ['unembedding', 'logits', [9, 3000], 'wte.weight', 3000, 0],
] as const)('while %s adds up %s[%o]', (operation, subject, index, name, across, first) => {
  test('the matrix marks the entry that is said, on the line that is added up', async () => {
    const hash = `#op=${operation}&block=2&head=3&why=${subject}:${index.join(',')}`;
    const { page: fresh } = await site.visitReady(hash);
    const weight = await model.weight(name);
    const [rows, columns] = weight.dims as [number, number];
    await fresh.locator('.inspector summary', { hasText: `The weight ${name}` }).click();
    const plot = fresh.getByRole('application', { name: `The weight ${name},` });
    const why = fresh.getByTestId('why');
    await why.locator('summary', { hasText: 'term by term' }).click();
    const slider = why.getByRole('slider');
    const isRow = name === 'wte.weight';

    /** Where a mark is, in shares of the matrix: as it is set, and as it is drawn. */
    const boxOf = (mark: string) =>
      plot.locator(mark).evaluate((element: HTMLElement) => {
        const { left, top, width, height } = element.style;
        const drawn = element.getBoundingClientRect();
        const whole = element.parentElement!.querySelector('canvas')!.getBoundingClientRect();
        return {
          shares: [left, top, width, height].map((length) => parseFloat(length) / 100),
          across: (drawn.left - whole.left) / whole.width,
          down: (drawn.top - whole.top) / whole.height,
          pixel: 1 / Math.min(whole.width, whole.height),
        };
      });
    const expectBox = async (mark: string, expected: readonly number[]) => {
      const { shares } = await boxOf(mark);
      for (const [place, share] of expected.entries()) expect(shares[place]).toBeCloseTo(share, 6);
      // What is set is drawn a frame later.
      const [left, top] = expected as [number, number];
      await expect
        .poll(async () => {
          const { across, down, pixel } = await boxOf(mark);
          return Math.max(Math.abs(across - left), Math.abs(down - top)) / pixel;
        })
        .toBeLessThan(0.6);
    };
    const products = operation === 'outputProjection' ? 32 : isRow ? columns : rows;
    await slider.focus();
    await fresh.keyboard.press('Home');
    // The first, one of the middle, and the last one; a bias is in no matrix.
    for (const term of [0, 1, Math.floor(products / 2), products - 1]) {
      await slider.fill(String(term + 1));
      const [row, column] = isRow ? [across, term] : [first + term, across];
      const said = why.locator(`.said [data-source=term][data-path$="= ${term}|1"]`);
      await said.waitFor();
      // What is said is what the marked entry is.
      near(numberIn((await said.textContent())!), weight.at(row!, column!));
      await expectBox('.cell.walked', [column! / columns, row! / rows, 1 / columns, 1 / rows]);
      const line = isRow ? [0, across / rows, 1, 1 / rows] : [across / columns, 0, 1 / columns, 1];
      await expectBox('.line', line);
    }
  });
});

describe('a sum in motion', () => {
  const subject = 'blocks.2.attn.hook_q';
  const sumOf = (moving: Page) => {
    const why = moving.getByTestId('why');
    return {
      slider: why.getByRole('slider'),
      running: why.locator('[data-source=walk]'),
      button: (name: string) => why.getByRole('button', { name, exact: true }),
      open: () => why.locator('summary', { hasText: 'term by term' }).click(),
      shown: why.locator('.number-shown'),
    };
  };
  const visit = async () => {
    const hash = `#why=${subject}:9,3,7`;
    const { page: moving } = await site.visitReady(hash, { reducedMotion: 'no-preference' });
    const sum = sumOf(moving);
    await sum.open();
    await sum.slider.waitFor();
    return { moving, sum };
  };
  /** What the slider and the running sum say, one frame after the other, until it has been added up. */
  const watch = (moving: Page) =>
    moving.evaluate(async () => {
      const within = document.querySelector('[data-testid=why]')!;
      const seen: [number, string][] = [];
      const slider = within.querySelector<HTMLInputElement>('input[type=range]')!;
      do {
        await new Promise(requestAnimationFrame);
        const text = within.querySelector('[data-source=walk]')!.textContent;
        if (seen.at(-1)?.[0] !== Number(slider.value)) seen.push([Number(slider.value), text]);
      } while (slider.value !== slider.max);
      return seen;
    });

  test('adds one term after the other, and ends with the number', async () => {
    const { moving, sum } = await visit();
    const { terms } = await model.explain(ids, subject, [9, 3, 7], { terms: 100_000 });
    const ordered = inOrder(terms);
    const sumAfter = (count: number) =>
      ordered.slice(0, count).reduce((total, { value }) => total + value, 0);
    // It begins by itself, and again when it is asked to.
    for (const time of ['first', 'again']) {
      if (time === 'again') await sum.button('Play').click();
      const seen = await watch(moving);
      expect(seen.length).toBeGreaterThan(8);
      const counts = seen.map(([count]) => count);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(counts[0]).toBeLessThan(60);
      expect(counts.at(-1)).toBe(193);
      for (const [count, text] of seen) near(numberIn(text), sumAfter(count), 20);
      await sum.button('Play').waitFor();
      expect(await sum.running.textContent()).toBe(await sum.shown.textContent());
    }
  });

  test('can be stopped, gone on from by hand, and skipped', async () => {
    const { moving, sum } = await visit();
    await sum.button('Stop').click();
    const stopped = await sum.slider.inputValue();
    const text = await sum.running.textContent();
    expect(Number(stopped)).toBeLessThan(193);
    // Nothing moves any more, for as many frames as a term or two would take.
    await moving.evaluate(async () => {
      for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
    });
    expect(await sum.slider.inputValue()).toBe(stopped);
    expect(await sum.running.textContent()).toBe(text);
    await sum.button('Play').click();
    await sum.button('Stop').waitFor();
    // To the end at once: nobody has to wait for it.
    await sum.slider.focus();
    await moving.keyboard.press('End');
    await sum.button('Play').waitFor();
    expect(await sum.slider.inputValue()).toBe('193');
    expect(await sum.running.textContent()).toBe(await sum.shown.textContent());
  });
});

test('the logits of a position are a vector as long as the vocabulary', async () => {
  await inspect('unembedding');
  const { logits } = await model.runWithCache(ids, { names: [] });
  const figure = inspector()
    .locator('.part figure')
    .filter({ has: page.getByText('logits', { exact: true }) });
  const shown = figure.locator('figcaption b');
  const lastToken = model.tokenizer.decodeBytes([4095]);
  const statistics = figure.locator('[data-source=statistics]');
  for (const position of [9, 4]) {
    await page.locator(`[data-position="${position}"]`).click();
    await figure.locator(`[data-from="${position}, 0"]`).waitFor();
    const row = logits!.slice(position);
    const [, min, max] = /from (\S+) to ([^,]+)/.exec((await statistics.textContent())!)!;
    near(numberIn(min!), Math.min(...row.data), 6000);
    near(numberIn(max!), Math.max(...row.data), 6000);
    await figure.getByRole('application').focus();
    await page.keyboard.press('End');
    expect(await indexOf(shown)).toEqual([position, 4095]);
    near(numberIn((await shown.textContent())!), row.at(4095), 10);
    // An id alone says nothing to a reader.
    expect(await figure.locator('.read .token').textContent()).toBe(tokenLabel(lastToken));
  }
  // Enter explains it.
  await page.keyboard.press('Enter');
  await page.locator('.number-shown[data-tensor=logits][data-index="4, 4095"]').waitFor();
  await page.locator('[data-position="9"]').click();
});

test('the logit lens says what each block would predict', async () => {
  await inspect('unembedding');
  await inspector().locator('summary', { hasText: 'What each block' }).click();
  const { layers } = await model.logitLens(ids, { top: 1 });
  const table = inspector().locator('.lens table');
  await table.waitFor();
  const shown = inspector().locator('.lens .here b');
  const expectShown = async (layer: number, position: number) => {
    expect(await shown.getAttribute('data-path')).toBe(`${layer}.${position}`);
    const [top] = layers[layer]!.positions[position]!.top;
    near(numberIn((await shown.textContent())!), numberIn(percent(top!.probability)), 100);
  };
  await table.locator('tbody tr').nth(2).locator('td').nth(4).hover();
  await expectShown(layers.length - 3, 4);
  await page.mouse.move(0, 0);
  await inspector().locator('.lens [role=application]').focus();
  await expectShown(layers.length - 1, 9);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expectShown(layers.length - 2, 7);
  await page.keyboard.press('ArrowUp');
  await expectShown(layers.length - 1, 7);
  // In words: what each layer expects at that position, the last one first, as in the picture.
  await inspector().locator('.lens').getByText('As a table').focus();
  await page.keyboard.press('Enter');
  const told = inspector().locator('.lens').getByRole('region', { name: 'As a table' });
  const rows = told.locator('tbody tr');
  await rows.first().waitFor();
  expect(await told.locator('caption').textContent()).toBe('position 7 — ·a');
  expect(await rows.count()).toBe(layers.length);
  for (const [layer, { positions }] of layers.entries()) {
    const [top] = positions[7]!.top;
    const row = rows.nth(layers.length - 1 - layer);
    const name = (await row.getByRole('rowheader').textContent())!.trim();
    const token = model.tokenizer.decode([top!.id]).trim();
    expect(name).toMatch(layer === 0 ? /^embedding/ : new RegExp(`^after block ${layer - 1}`));
    expect(name.endsWith(token)).toBe(true);
    const said = await row.getByRole('cell').textContent();
    near(numberIn(said!), numberIn(percent(top!.probability)), 100);
  }
  expect(await violationsOn(page)).toEqual([]);
});

test('what is only done in training is said to be off, where it would be', async () => {
  const line = inspector().getByText(/dropout/);
  for (const operation of ['embedding', 'softmax', 'outputProjection', 'mlpDown']) {
    await inspect(operation);
    await line.waitFor();
  }
  await inspect('gelu');
  await line.waitFor({ state: 'detached' });
});

test('gamma is that of the model in use, also after another one', async () => {
  const { page } = await site.visitReady('#op=layerNorm&block=1');
  const name = 'h.1.ln_1.weight';
  const first = page.locator(`.inspector li [data-tensor="${name}"]`).first();
  await page.locator('.inspector summary', { hasText: name }).click();
  near(numberIn((await first.textContent())!), (await model.weight(name)).data[0]!);
  const tang = await load(new URL('weights/tang/', root));
  const { data } = await tang.weight(name);
  await tang.dispose();
  await page.getByLabel('Model').first().selectOption('tang');
  await page.locator('.facts', { hasText: '3.87 million' }).waitFor();
  const summary = page.locator('.inspector summary', { hasText: name });
  await expect
    .poll(async () => {
      if (!(await first.isVisible())) await summary.click();
      return numberIn((await first.textContent())!);
    })
    .toBeCloseTo(data[0]!, 3);
});
