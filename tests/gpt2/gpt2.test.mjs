// npm run test:gpt2: the real GPT-2 small against what other projects recorded of it. Opt-in, since
// it needs the 548 MB checkpoint: npm run weights -- openai-community/gpt2. It is looked for in
// weights/gpt2, or in $GLASSFORMER_GPT2_DIR; GLASSFORMER_GPT2_REHEARSAL=1 does without it.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checksOf } from './checks.mjs';
import { commandLineModel, packageModel } from './models.mjs';
import { recordedOfStories, storiesFolder } from './stories_recorded.mjs';

const root = join(import.meta.dirname, '..', '..');
// A rehearsal drives everything below with the embedded model and records made of it.
const rehearsal = process.env.GLASSFORMER_GPT2_REHEARSAL === '1';
const folder = rehearsal
  ? storiesFolder
  : (process.env.GLASSFORMER_GPT2_DIR ?? join(root, 'weights', 'gpt2'));
const program = join(root, 'build', 'native', 'bin', 'glassformer');
const entry = join(root, 'dist', 'node.js');
const recorded = rehearsal
  ? await recordedOfStories()
  : JSON.parse(readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'));
const checks = checksOf(recorded);

const weights = existsSync(join(folder, 'model.safetensors'))
  ? null
  : `skipped, as there is no ${relative(root, folder)}: run "npm run weights -- openai-community/gpt2"`;
const ways = [
  {
    name: 'the native command line',
    missing: existsSync(program) ? null : 'skipped, as it is not built: run "npm run build"',
    open: () => commandLineModel(program, folder),
  },
  {
    name: 'the package under Node',
    missing: existsSync(entry) ? null : 'skipped, as it is not built: run "npm run build"',
    open: async () => packageModel((await import(entry)).load, folder),
  },
];

for (const { name, missing, open } of ways) {
  const reason = weights ?? missing;
  if (reason) {
    test.skip(`${name}: ${reason}`);
    continue;
  }
  describe(name, () => {
    let model;
    beforeAll(async () => {
      model = await open();
    });
    afterAll(() => model?.close());

    for (const { name: what, skip, check } of checks) {
      test.skipIf(skip)(skip ? `${what} (skipped: ${skip})` : what, () => check(model));
    }
  });
}
