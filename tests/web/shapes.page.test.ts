/**
 * Models of other shapes than the embedded ones: deep, of many heads, wide, of many tokens. Their weights
 * are random; what matters here is that the page has room for them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from 'glassformer';
import type { Page } from 'playwright-core';
import type { StepId } from '../../web/src/guide/tour_steps.ts';
import { ModelHost } from './support/model_host.ts';
import { overflow, Site, whole } from './support/page.ts';
import { type Shape, syntheticFiles } from './support/synthetic.ts';
import { Truth } from './support/truth.ts';
import { walkOperations } from './support/walk.ts';

let host: ModelHost;
let site: Site;
beforeAll(async () => {
  host = await ModelHost.open();
  site = await Site.open(host.browserArguments);
});
afterAll(async () => {
  await site.close();
  await host.close();
});

const windows = [
  { width: 1440, height: 900 },
  { width: 2560, height: 1300 },
  { width: 390, height: 844 },
];

/** Chooses a model of the host, until its first run is on screen. */
async function choose(page: Page, name: string, shape: Shape): Promise<void> {
  await page.getByLabel('Model').first().selectOption('Another model…');
  await page.getByLabel('By name or address').fill(`https://models.example/${name}/`);
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (blocks) => document.querySelectorAll('.map [role=row]').length === blocks,
    shape.n_layer,
  );
  await page.getByTestId('drawn').waitFor();
}

test.each<[string, Shape]>([
  ['deep', { n_layer: 48, n_head: 25, n_embd: 100, n_positions: 1024, vocab_size: 600 }],
  ['wide', { n_layer: 2, n_head: 25, n_embd: 1600, n_inner: 64, n_positions: 64, vocab_size: 400 }],
  ['wordy', { n_layer: 2, n_head: 1, n_embd: 32, n_positions: 64, vocab_size: 100_000 }],
])('a %s model fits on the page', async (name, shape) => {
  const last = shape.vocab_size - 1;
  host.folders.set(`models.example/${name}/`, await syntheticFiles(shape));

  const { page, complaints } = await site.visitReady();
  await page.fill('#prompt', 'abcdefgh');
  await choose(page, name, shape);
  await page
    .locator(
      `.map [role=gridcell][data-block="${shape.n_layer - 1}"][data-head="${shape.n_head - 1}"]`,
    )
    .click();
  for (const viewport of windows) {
    await page.setViewportSize(viewport);
    for (const operation of [
      'embedding',
      'scores',
      'weightedSum',
      'mlpUp',
      'gelu',
      'unembedding',
    ]) {
      await page.locator('.inspector select').selectOption(operation);
      await whole(page);
      expect(await overflow(page), `${operation} at ${viewport.width}`).toBeLessThanOrEqual(0);
    }
    // The logits of a position, however many: seen at once, and some of them listed.
    const logits = page.locator('.part figure').filter({ hasText: `logits [8, ${last + 1}]` });
    await logits.waitFor();
    expect((await logits.getByRole('application').boundingBox())!.height).toBeLessThanOrEqual(300);
    if (viewport !== windows[0]) continue;
    await logits.locator('summary').click();
    await logits.locator('li').first().waitFor();
    expect(await logits.locator('li').count()).toBeLessThanOrEqual(600);
    await logits.getByRole('application').focus();
    await page.keyboard.press('End');
    await logits.locator(`li [data-index="7, ${last}"]`).waitFor();
    await logits.locator('summary').click();
  }
  await page.setViewportSize(windows[0]!);
  await page.fill('#prompt', 'abcdefghijklmnopqrstuvwxyz'.repeat(40).slice(0, shape.n_positions));
  await page.waitForFunction(
    (tokens) => document.querySelectorAll('[data-position]').length === tokens,
    shape.n_positions,
  );
  await page.getByTestId('drawn').waitFor();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(complaints).toEqual([]);
});

test('a model of three tokens, one of which ends the text, has all there is to see', async () => {
  const shape = { n_layer: 1, n_head: 1, n_embd: 4, n_positions: 4, vocab_size: 3 };
  const files = await syntheticFiles(shape);
  host.folders.set('models.example/three/', files);
  const model = await load(Object.fromEntries(files));
  const { page, complaints } = await site.visitReady();
  await page.fill('#prompt', 'ab');
  await choose(page, 'three', shape);
  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { open: true });
  expect(truth.compared).toBeGreaterThan(1000);

  // All of them are listed, none is hidden by its neighbour, and the axis of ranks has both ends.
  await page.locator('.inspector select').selectOption('topK');
  const ranks = page.locator('.inspector figure svg text[text-anchor=middle]');
  await expect.poll(() => ranks.allTextContents()).toEqual(['1', '3']);
  expect(await page.locator('tbody tr[data-id]').count()).toBe(3);
  expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  const tooWide = await page.locator('tbody tr[data-id] td').evaluateAll((cells) =>
    cells.filter((cell) => {
      const printed = document.createRange();
      printed.selectNodeContents(cell);
      return printed.getBoundingClientRect().right > cell.getBoundingClientRect().right + 0.5;
    }),
  );
  expect(tooWide).toHaveLength(0);

  // The end of a text is drawn sooner or later, or the context is full.
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText(/^The text (ends here|fills the model’s context)/).waitFor();
  expect(complaints).toEqual([]);
  await model.dispose();
});

const little: Shape = { n_layer: 2, n_head: 2, n_embd: 8, n_positions: 16, vocab_size: 20 };

test.each<[string, Partial<Shape>, string, string]>([
  ['unscaled', { scale_attn_weights: false }, 'scale', 'Nothing is divided.'],
  [
    'scaled-by-block',
    { scale_attn_weights: false, scale_attn_by_inverse_layer_idx: true },
    'scale',
    'over n plus 1',
  ],
  ['exact-gelu', { activation_function: 'gelu' }, 'gelu', 'the error function of u'],
] as const)('the formulas of a model %s are its own', async (name, choice, operation, spoken) => {
  const shape = { ...little, ...choice };
  const files = await syntheticFiles(shape);
  host.folders.set(`models.example/${name}/`, files);
  await using model = await load(Object.fromEntries(files));
  const { page, complaints } = await site.visitReady('#lang=en');
  await page.fill('#prompt', 'abcab');
  await choose(page, name, shape);
  await page.locator('.map [role=gridcell][data-block="1"][data-head="1"]').click();
  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { operations: ['scores', 'scale', 'mask', 'gelu'] });
  await page.locator('.inspector select').selectOption(operation);
  await page.locator(`.inspector .about [role=math][aria-label*="${spoken}"]`).waitFor();
  expect(complaints).toEqual([]);
});

test('a model that computes otherwise than GPT-2 is told as it is', async () => {
  const shape: Shape = {
    ...little,
    activation_function: 'relu',
    scale_attn_by_inverse_layer_idx: true,
    tie_word_embeddings: false,
  };
  const files = await syntheticFiles(shape);
  host.folders.set('models.example/otherwise/', files);
  const model = await load(Object.fromEntries(files));
  const { page, complaints } = await site.visitReady('#lang=en');
  const inspector = page.locator('.inspector');
  const expectTold = async (words: Readonly<Record<'scale' | 'gelu' | 'unembedding', string>>) => {
    for (const [operation, said] of Object.entries(words)) {
      await inspector.locator('select').selectOption(operation);
      await inspector.locator('.about').getByText(said).waitFor();
    }
  };
  await page.fill('#prompt', 'abcab');
  await choose(page, 'otherwise', shape);
  await page.locator('.map [role=gridcell][data-block="1"][data-head="1"]').click();

  await expectTold({
    scale: 'This model’s configuration asks for something else',
    gelu: 'GPT-2 has GELU here; this model has ReLU.',
    unembedding: 'this model has a matrix of its own',
  });
  const formula = inspector.locator('.about [role=math]').first();
  const label = () => formula.getAttribute('aria-label');
  expect(await label()).toContain('W U in row w');
  await inspector.locator('select').selectOption('scale');
  await expect.poll(label).toContain('the square root of D, and n plus 1');
  await inspector.locator('select').selectOption('gelu');
  await expect.poll(label).toContain('the larger of 0 and u');
  expect(await page.locator('#inspector-title').textContent()).toBe('ReLU');
  await page.getByRole('img', { name: 'The relu curve' }).waitFor();
  await page.locator('.labels').getByText('relu', { exact: true }).waitFor();

  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { open: true });
  expect(truth.compared).toBeGreaterThan(1000);

  const hash = await page.evaluate(() => location.hash);
  const told: readonly (readonly [StepId, string])[] = [
    ['scale', 'its formula stands with the words about this operation'],
    ['gelu', 'in this model ReLU'],
    ['logits', 'this model has a matrix of its own'],
  ];
  for (const [step, said] of told) {
    await page.evaluate((to) => (location.hash = to), `${hash}&tour=${step}`);
    await page.locator('#tour').getByText(said).waitFor();
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '切换到中文' }).click();
  await expectTold({
    scale: '这个模型的配置要求的是另一种做法',
    gelu: '这个模型用的是 ReLU',
    unembedding: '这个模型则另有一个矩阵',
  });

  // And GPT-2 as it is again.
  await page.getByLabel('模型').first().selectOption('stories');
  await page.getByTestId('drawn').waitFor();
  await expectTold({
    scale: '所以每个点积都除以头宽的平方根',
    gelu: 'GPT-2 用的是含 tanh 的算式',
    unembedding: '这里 GPT-2 把词元嵌入表又用了一次',
  });
  expect(complaints).toEqual([]);
  await model.dispose();
});
