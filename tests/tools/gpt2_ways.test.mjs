// The command line, as tests/gpt2 drives it, held to the records of the embedded stories model.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { checksOf } from '../gpt2/checks.mjs';
import { commandLineModel } from '../gpt2/models.mjs';
import { recordedOfStories, storiesFolder } from '../gpt2/stories_recorded.mjs';

const program = join(import.meta.dirname, '..', '..', 'build', 'native', 'bin', 'glassformer');
const checks = checksOf(await recordedOfStories()).filter(({ skip }) => !skip);

describe.skipIf(!existsSync(program))('the native command line gives the recorded', () => {
  let model;
  beforeAll(async () => {
    model = await commandLineModel(program, storiesFolder);
  });
  afterAll(() => model?.close());

  test.each(checks)('$name', ({ check }) => check(model));
});
