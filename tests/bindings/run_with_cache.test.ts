import { load, type Model, type RunResult } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { golden, greedy, relativeDifference, stories, tolerance } from './support/models.ts';

const prompt = greedy.prompt;
let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterAll(() => model.dispose());

describe('runWithCache', () => {
  it('takes text or its token ids', async () => {
    const fromText = await model.runWithCache(prompt, { names: [] });
    const fromIds = await model.runWithCache(greedy.ids, { names: [] });
    expect(fromText.tokens).toEqual(greedy.ids);
    expect(fromText.logits.data).toEqual(fromIds.logits.data);
  });

  it('captures what is named, in the order of computation', async () => {
    const { cache } = await model.runWithCache(prompt, {
      names: ['ln_final.hook_scale', 'blocks.?.attn.hook_pattern', 'hook_embed'],
    });
    expect(cache.names()).toEqual([
      'hook_embed',
      ...[0, 1, 2, 3, 4, 5].map((block) => `blocks.${block}.attn.hook_pattern`),
      'ln_final.hook_scale',
    ]);
    expect(cache.size).toBe(8);
    expect([...cache].map(([name]) => name)).toEqual(cache.names());
  });

  it('captures hook_result only on request, and its heads add up to the output', async () => {
    const all = await model.runWithCache(prompt);
    expect(all.cache.has('blocks.0.attn.hook_result')).toBe(false);
    const { cache } = await model.runWithCache(prompt, {
      names: ['blocks.0.attn.hook_result', 'blocks.0.hook_attn_out'],
    });
    const bias = await model.weight('h.0.attn.c_proj.bias');
    const result = cache.get('blocks.0.attn.hook_result');
    const out = cache.get('blocks.0.hook_attn_out');
    const [tokens, heads, width] = result.dims as [number, number, number];
    const sums = new Float32Array(tokens * width);
    for (let t = 0; t < tokens; ++t) {
      for (let c = 0; c < width; ++c) {
        let sum = bias.at(c);
        for (let h = 0; h < heads; ++h) sum += result.at(t, h, c);
        sums[t * width + c] = sum;
      }
    }
    expect(relativeDifference(sums, out.data)).toBeLessThan(tolerance);
  });

  it('gives rows of attention that sum to 1 and see nothing later', async () => {
    const { cache } = await model.runWithCache(prompt, { names: '*hook_pattern' });
    for (const [, pattern] of cache) {
      const [heads, tokens] = pattern.dims as [number, number, number];
      for (let h = 0; h < heads; ++h) {
        for (let t = 0; t < tokens; ++t) {
          let sum = 0;
          for (let s = 0; s < tokens; ++s) sum += pattern.at(h, t, s);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
          for (let s = t + 1; s < tokens; ++s) expect(pattern.at(h, t, s)).toBe(0);
        }
      }
    }
  });

  it('returns the last row of the logits, or none, when asked to', async () => {
    const all = await model.runWithCache(prompt, { names: [] });
    const last = await model.runWithCache(prompt, { names: [], logits: 'last' });
    const none = await model.runWithCache(prompt, { names: ['hook_embed'], logits: 'none' });
    const width = model.config.vocab_size;
    expect(last.logits.dims).toEqual([1, width]);
    expect(relativeDifference(last.logits.data, all.logits.data.subarray(-width))).toBeLessThan(
      tolerance,
    );
    expect(none.logits).toBeNull();
    expect(none.cache.names()).toEqual(['hook_embed']);
  });

  it('stops before a layer, counted from either end', async () => {
    const { logits, cache } = await model.runWithCache(prompt, { stopAtLayer: 1 });
    expect(logits).toBeNull();
    expect(cache.has('blocks.0.hook_resid_post')).toBe(true);
    expect(cache.has('blocks.1.hook_attn_out')).toBe(false);
    const fromEnd = await model.runWithCache(prompt, { stopAtLayer: -5 });
    expect(fromEnd.cache.names()).toEqual(cache.names());
  });

  it('tells how far it is, stage by stage', async () => {
    const seen: [number, number][] = [];
    await model.runWithCache(prompt, { onStage: (done, stages) => seen.push([done, stages]) });
    const stages = seen.length;
    expect(stages).toBeGreaterThan(model.config.n_layer);
    expect(seen).toEqual(Array.from({ length: stages }, (_, i) => [i + 1, stages]));
  });

  it('runs several inputs at once without mixing them up', async () => {
    const inputs = ['One day', 'The cat sat', 'Once upon a time, there was a little girl'];
    const alone: RunResult[] = [];
    for (const input of inputs) alone.push(await model.runWithCache(input, { names: [] }));
    const together = await Promise.all(inputs.map((i) => model.runWithCache(i, { names: [] })));
    together.forEach(({ logits }, i) => expect(logits.data).toEqual(alone[i]!.logits!.data));
  });

  it('refuses, in one sentence, what cannot be run', async () => {
    const { vocab_size: V, n_positions } = model.config;
    await expectError(model.runWithCache([]), 'bad-tokens');
    await expectError(model.runWithCache(''), 'bad-tokens');
    await expectError(model.runWithCache([1, V]), 'bad-tokens', new RegExp(String(V)));
    await expectError(model.runWithCache([1, -1]), 'bad-tokens', /-1/);
    await expectError(model.runWithCache([1.5]), 'bad-tokens', /1\.5/);
    const long = new Array(n_positions + 1).fill(1);
    await expectError(model.runWithCache(long), 'context-overflow', new RegExp(`${n_positions}`));
    const typo = 'blocks.0.attn.hook_patern';
    await expectError(model.runWithCache('a', { names: [typo] }), 'bad-name', /hook_pattern/);
    await expectError(model.runWithCache('a', { stopAtLayer: 99 }), 'bad-option', /99/);
    await expectError(
      model.runWithCache('a', { logits: 'first' as 'last' }),
      'bad-option',
      /first/,
    );
  });

  it('says which name was not captured', async () => {
    const { cache } = await model.runWithCache('a', { names: ['hook_embed'] });
    expect(() => cache.get('logits')).toThrow(/"logits" was not captured.*hook_embed/);
  });
});

describe('edits', () => {
  const z = 'blocks.1.attn.hook_z';

  it('change everything downstream and nothing upstream', async () => {
    const clean = await model.runWithCache(prompt);
    const edited = await model.runWithCache(prompt, {
      edits: [{ name: z, op: 'zero', head: 2 }],
    });
    const unchanged = 'blocks.1.attn.hook_pattern';
    expect(edited.cache.get(unchanged).data).toEqual(clean.cache.get(unchanged).data);
    expect(edited.cache.get(z).at(3, 2, 0)).toBe(0);
    expect(edited.logits.data).not.toEqual(clean.logits.data);
  });

  it("patch with another run's tensor as it is", async () => {
    const other = await model.runWithCache('The big dog ran to the old, old man .');
    const length = other.tokens.length;
    const tokens = greedy.ids.concat(greedy.ids).slice(0, length);
    const name = 'hook_embed';
    const patched = await model.runWithCache(tokens, {
      edits: [{ name, op: 'set', value: other.cache.get(name) }],
    });
    expect(relativeDifference(patched.logits.data, other.logits.data)).toBeLessThan(tolerance);
  });

  it('take numbers in typed arrays, arrays, and alone', async () => {
    const name = 'blocks.0.mlp.hook_post';
    const values = [0.1, -2.5, 3];
    const where = { name, op: 'set', position: -1, neuron: [5, 8] } as const;
    const run = async (value: number[] | Float32Array | number) =>
      (await model.runWithCache(prompt, { names: [name], edits: [{ ...where, value }] })).cache;
    const expected = Float32Array.from(values);
    const read = (row: Float32Array) => row.subarray(-model.config.n_inner).slice(5, 8);
    expect(read((await run(values)).get(name).data)).toEqual(expected);
    expect(read((await run(expected)).get(name).data)).toEqual(expected);
    expect(read((await run(7)).get(name).data)).toEqual(Float32Array.of(7, 7, 7));
  });

  it('may rule out a key with minus infinity', async () => {
    const scores = 'blocks.0.attn.hook_attn_scores';
    const { cache } = await model.runWithCache(prompt, {
      edits: [{ name: scores, op: 'set', neuron: 0, position: [1, 10], value: -Infinity }],
    });
    const pattern = cache.get('blocks.0.attn.hook_pattern');
    expect(pattern.at(0, 5, 0)).toBe(0);
    expect(pattern.at(0, 5, 1)).toBeGreaterThan(0);
  });

  it('are refused by name where they cannot be applied', async () => {
    const run = (edit: object) => model.runWithCache(prompt, { edits: [edit as never] });
    await expectError(run({ name: z, op: 'zero', head: 99 }), 'bad-edit', /99/);
    await expectError(run({ name: z, op: 'explode' }), 'bad-edit', /explode/);
    await expectError(run({ name: z, op: 'set', value: [1, 2] }), 'bad-edit');
    await expectError(run({ name: z, op: 'set', value: 'much' }), 'bad-edit', /value/);
    await expectError(run({ name: 'blocks.1.attn.hook_zz', op: 'zero' }), 'bad-edit', /hook_z/);
  });
});

describe('tensors', () => {
  it('are indexed by axis, also from the end', async () => {
    const { logits } = await model.runWithCache(prompt);
    const [tokens, vocab] = logits.dims as [number, number];
    expect(logits.at(-1, -1)).toBe(logits.data[tokens * vocab - 1]);
    expect(logits.at(1, 0)).toBe(logits.data[vocab]);
    expect(() => logits.at(0)).toThrow(/2 axes/);
    expect(() => logits.at(tokens, 0)).toThrow(new RegExp(`Index ${tokens}`));
  });

  it("give weights under the checkpoint's names", async () => {
    const wte = await model.weight('wte.weight');
    expect(wte.dims).toEqual([model.config.vocab_size, model.config.n_embd]);
    expect((await model.weight('transformer.wte.weight')).data).toEqual(wte.data);
    const { cache } = await model.runWithCache([7], { names: ['hook_embed'] });
    const width = model.config.n_embd;
    expect(cache.get('hook_embed').data).toEqual(wte.data.slice(7 * width, 8 * width));
    expect(model.weights.map(({ name }) => name)).toContain('h.0.attn.c_attn.weight');
    await expectError(model.weight('wtf.weight'), 'bad-name', /wtf\.weight/);
  });
});

describe('a model without a tokenizer', () => {
  it('takes token ids and says so when it is given text', async () => {
    await using plain = await load(golden('plain'));
    expect(plain.tokenizer.available).toBe(false);
    await expectError(plain.runWithCache('text'), 'bad-tokenizer', /token ids/);
    expect((await plain.runWithCache([1, 2])).tokens).toEqual([1, 2]);
  });
});
