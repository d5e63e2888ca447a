import { load } from 'glassformer';
import { describe, expect, it } from 'vitest';
import {
  golden,
  nano,
  readTrace,
  relativeDifference,
  stories,
  tolerance,
} from './support/models.ts';

describe.each([
  ['plain', golden('plain')],
  ['odd', golden('odd')],
  ['stories', stories],
  ['nano', nano],
])('the golden trace of %s', (name, directory) => {
  it('is equal in every tensor', async () => {
    const { tokens, tensors } = readTrace(name);
    await using model = await load(directory);
    const { logits, cache } = await model.runWithCache(tokens);
    for (const [tensor, expected] of tensors) {
      const actual = cache.get(tensor);
      expect(actual.dims, tensor).toEqual(expected.dims);
      expect(relativeDifference(actual.data, expected.data), tensor).toBeLessThan(tolerance);
    }
    expect(logits.dims).toEqual([tokens.length, model.config.vocab_size]);
    expect(relativeDifference(logits.data, tensors.get('logits')!.data)).toBeLessThan(tolerance);
  });

  it('names nothing that the model lacks, and the other way round', async () => {
    const { tokens, tensors } = readTrace(name);
    await using model = await load(directory);
    const { cache } = await model.runWithCache(tokens);
    expect(cache.names().sort()).toEqual([...tensors.keys()].sort());
  });
});
