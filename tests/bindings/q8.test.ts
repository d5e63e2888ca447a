import { load } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { relativeDifference, stories } from './support/models.ts';

const girl = 'Once upon a time, there was a little girl';

describe('a model held as q8', () => {
  it('is made while the file streams in, takes less than a third, and says so', async () => {
    await using exact = await load(stories);
    await using model = await load(stories, { dtype: 'q8' });
    expect(model.info).toMatchObject({ dtype: 'q8', fileDtype: 'F16' });
    expect(model.info.parameters).toBe(exact.info.parameters);
    expect(model.info.bytes).toBeLessThan(exact.info.bytes / 3);
  });

  it('is near the exact one in every logit, and not equal to it', async () => {
    await using exact = await load(stories);
    await using model = await load(stories, { dtype: 'q8' });
    const expected = (await exact.runWithCache(girl)).logits.data;
    const actual = (await model.runWithCache(girl)).logits.data;
    const difference = relativeDifference(actual, expected);
    expect(difference).toBeGreaterThan(1e-6);
    expect(difference).toBeLessThan(0.05);
  });

  it('continues a text with the same first words', async () => {
    await using model = await load(stories, { dtype: 'q8' });
    let text = '';
    for await (const step of model.generate(girl, { maxTokens: 8, temperature: 0 })) {
      text += step.text;
    }
    expect(text).toBe(' named Lily. She loved to play with');
  });

  it('gives its weights as the floats that it computes with', async () => {
    await using exact = await load(stories);
    await using model = await load(stories, { dtype: 'q8' });
    const name = 'h.2.mlp.c_fc.weight';
    const [expected, actual] = await Promise.all([exact.weight(name), model.weight(name)]);
    expect(actual.dims).toEqual(expected.dims);
    expect(relativeDifference(actual.data, expected.data)).toBeLessThan(0.5 / 127 + 1e-6);
  });

  it('keeps causality and the rows of attention as the exact one does', async () => {
    await using model = await load(stories, { dtype: 'q8' });
    const { cache } = await model.runWithCache(girl, { names: 'blocks.*.attn.hook_pattern' });
    for (const name of cache.names()) {
      const { dims, data } = cache.get(name);
      const width = dims[2]!;
      for (let row = 0; row < data.length / width; ++row) {
        const weights = data.subarray(row * width, (row + 1) * width);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
        expect(weights.subarray((row % dims[1]!) + 1).every((weight) => weight === 0)).toBe(true);
      }
    }
  });
});

it('another dtype is refused by name', async () => {
  await expectError(load(stories, { dtype: 'q4' as 'q8' }), 'bad-option', /dtype .* not q4/);
});
