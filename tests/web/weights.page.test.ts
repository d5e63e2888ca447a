/**
 * Weights, vectors and sums of the inspector: opened, pointed at and walked through by keyboard, each number
 * compared with the package's own under Node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActivationCache, load, type Model } from 'glassformer';
import type { Locator, Page } from 'playwright-core';
import { exact, percent } from '../../web/src/view/numbers.ts';
import { inOrder } from '../../web/src/view/sum_walk.ts';
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
});

test('the queries, keys and values of a head are a click away', async () => {
  await inspect('queryKeyValue');
  const summary = inspector().locator('summary', { hasText: 'c_attn' });
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

test('the point on the curve is the neuron that was chosen', async () => {
  await inspect('gelu');
  const caption = inspector().locator('figure:has(svg) figcaption');
  const point = inspector().locator('circle.this');
  const at = async () => [await point.getAttribute('cx'), await point.getAttribute('cy')];
  await caption.waitFor();
  const before = await at();
  const plot = inspector().locator('.part').nth(1).getByRole('application');
  await plot.focus();
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await caption.getByText('Neuron 2:').waitFor();
  expect(await at()).not.toEqual(before);
  for (const name of ['blocks.2.mlp.hook_pre', 'blocks.2.mlp.hook_post']) {
    const shown = caption.locator(`[data-tensor="${name}"][data-index="9, 2"]`);
    near(numberIn((await shown.textContent())!), cache.get(name).at(9, 2));
  }
});

test('what the final norm reads is there, whichever block is on screen', async () => {
  await inspect('finalNorm');
  await inspector().locator('summary code', { hasText: 'blocks.5.hook_resid_post' }).waitFor();
  // All four: what goes in, what comes out, gamma and beta.
  await expect.poll(() => inspector().locator('.part').count()).toBe(4);
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
      await inspector().locator('summary', { hasText: 'c_attn' }).click();
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
  await page.context().close();
});
