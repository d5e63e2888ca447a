// The four kinds of the module: with and without relaxed SIMD, with and without threads.
import { load, type Model } from 'glassformer';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import {
  golden,
  readTrace,
  relativeDifference,
  root,
  stories,
  tolerance,
} from './support/models.ts';

const wasmOf = (kind: string) => path.join(root, `dist/glassformer${kind}.wasm`);
const kinds = ['', '-relaxed', '-threads', '-relaxed-threads'];
const cores = os.availableParallelism();

async function difference(model: Model, name: string): Promise<number> {
  const { tokens, tensors } = readTrace(name);
  const { cache } = await model.runWithCache(tokens);
  return Math.max(
    ...Array.from(tensors, ([tensor, { data }]) =>
      relativeDifference(cache.get(tensor).data, data),
    ),
  );
}

describe.each(kinds)('glassformer%s.wasm', (kind) => {
  it.each(['plain', 'odd', 'stories'])('equals the golden trace of %s', async (name) => {
    const source = name === 'stories' ? stories : golden(name);
    await using model = await load(source, { wasm: wasmOf(kind) });
    expect(model.info).toMatchObject({
      relaxedSimd: kind.includes('relaxed'),
      threads: kind.includes('threads') ? Math.min(8, cores) : 1,
    });
    expect(await difference(model, name)).toBeLessThan(tolerance);
  });

  it('computes q8 too', async () => {
    await using model = await load(stories, { wasm: wasmOf(kind), dtype: 'q8' });
    const { tokens, tensors } = readTrace('stories');
    const { logits } = await model.runWithCache(tokens, { names: [] });
    expect(relativeDifference(logits.data, tensors.get('logits')!.data)).toBeLessThan(0.05);
  });
});

describe('threads', () => {
  const ids = Array.from({ length: 200 }, (_, i) => (i * 7) % 1000);
  const logitsWith = async (threads: number) => {
    await using model = await load(stories, { threads });
    expect(model.info.threads).toBe(Math.min(threads, cores));
    const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
    return logits.data;
  };

  it('change no number', async () => {
    const alone = await logitsWith(1);
    expect(await logitsWith(2)).toEqual(alone);
    expect(await logitsWith(64)).toEqual(alone);
  });

  it('help several models at once', async () => {
    const models = await Promise.all([load(stories), load(stories), load(stories)]);
    const runs = await Promise.all(models.map((model) => difference(model, 'stories')));
    expect(Math.max(...runs)).toBeLessThan(tolerance);
    await Promise.all(models.map((model) => model.dispose()));
  });

  it('outlive nothing: a model can be dropped in the middle of a run', async () => {
    const model = await load(stories);
    const run = model.runWithCache(ids);
    await model.dispose();
    await expectError(run, 'disposed');
  });

  it.each([0, -1, 1.5, 'many'])('%s of them are refused', (threads) =>
    expectError(load(stories, { threads: threads as number }), 'bad-option', /threads/),
  );
});
