/**
 * Models of other shapes than the embedded ones: deep, of many heads, wide, of many tokens. Their weights
 * are random; what matters here is that the page has room for them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelHost } from './support/model_host.ts';
import { overflow, Site, whole } from './support/page.ts';

interface Shape {
  n_layer: number;
  n_head: number;
  n_embd: number;
  n_inner?: number;
  n_positions: number;
  vocab_size: number;
}
const models: string = '../../tools/bench/model/synthetic_model.mjs';
const shapes: string = '../../tools/bench/model/shape.mjs';
const { writeSyntheticModel } = (await import(models)) as {
  writeSyntheticModel: (folder: string, options: { config: object }) => Promise<void>;
};
const { config: gpt2 } = (await import(shapes)) as { config: object };

let host: ModelHost;
let site: Site;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'glassformer-shapes-'));
  host = await ModelHost.open();
  site = await Site.open(host.browserArguments);
});
afterAll(async () => {
  await site.close();
  await host.close();
  rmSync(folder, { recursive: true });
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
  const own = path.join(folder, name);
  const last = shape.vocab_size - 1;
  const config = {
    ...gpt2,
    ...shape,
    n_ctx: shape.n_positions,
    bos_token_id: last,
    eos_token_id: last,
  };
  await writeSyntheticModel(own, { config });
  const files = readdirSync(own).map(
    (file) => [file, new Uint8Array(readFileSync(path.join(own, file)))] as const,
  );
  host.folders.set(`models.example/${name}/`, new Map(files));

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
