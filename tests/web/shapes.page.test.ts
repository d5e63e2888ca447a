/**
 * Models of other shapes than the embedded ones: deep, of many heads, wide, of many tokens. Their weights
 * are random; what matters here is that the page has room for them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelHost } from './support/model_host.ts';
import { overflow, Site, whole } from './support/page.ts';
import { type Shape, syntheticFiles } from './support/synthetic.ts';

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

test.each<[string, Shape]>([
  ['deep', { n_layer: 48, n_head: 25, n_embd: 100, n_positions: 1024, vocab_size: 600 }],
  ['wide', { n_layer: 2, n_head: 25, n_embd: 1600, n_inner: 64, n_positions: 64, vocab_size: 400 }],
  ['wordy', { n_layer: 2, n_head: 1, n_embd: 32, n_positions: 64, vocab_size: 100_000 }],
])('a %s model fits on the page', async (name, shape) => {
  const last = shape.vocab_size - 1;
  host.folders.set(`models.example/${name}/`, await syntheticFiles(shape));

  const { page, complaints } = await site.visitReady();
  await page.fill('#prompt', 'abcdefgh');
  await page.getByLabel('Model').first().selectOption('Another model…');
  await page.getByLabel('By name or address').fill(`https://models.example/${name}/`);
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (blocks) => document.querySelectorAll('.map [role=row]').length === blocks,
    shape.n_layer,
  );
  await page.getByTestId('drawn').waitFor();
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
