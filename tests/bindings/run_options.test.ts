// What a run captures, where it starts, how much it takes, and who looks on.
import { load, type Hook, type Model, type Tensor } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { greedy, stories } from './support/models.ts';

const prompt = greedy.prompt;
let model: Model;
beforeAll(async () => void (model = await load(stories, { worker: false })));
afterAll(() => model.dispose());

describe('names', () => {
  const captured = async (names: Parameters<Model['runWithCache']>[1] & object) =>
    (await model.runWithCache(prompt, names)).cache.names();

  it('may be short, as in TransformerLens', async () => {
    const { cache } = await model.runWithCache(prompt, { names: ['k2', 'pattern3', 'resid_pre5'] });
    expect(cache.names()).toEqual([
      'blocks.2.attn.hook_k',
      'blocks.3.attn.hook_pattern',
      'blocks.5.hook_resid_pre',
    ]);
    expect(cache.get('pattern3')).toBe(cache.get('blocks.3.attn.hook_pattern'));
    expect(cache.has('k2')).toBe(true);
    expect(cache.has('k3')).toBe(false);
  });

  it('may be RegExps and predicates, mixed with globs', async () => {
    expect(await captured({ names: /^blocks\.[01]\.mlp\.hook_post$/g })).toHaveLength(2);
    expect(await captured({ names: [(name) => name.endsWith('hook_z'), 'hook_*'] })).toEqual([
      ...['hook_embed', 'hook_pos_embed'],
      ...[0, 1, 2, 3, 4, 5].map((i) => `blocks.${i}.attn.hook_z`),
    ]);
    expect(await captured({ names: /hook_result/ })).toHaveLength(6);
  });

  it('that select nothing are refused', async () => {
    await expectError(model.runWithCache(prompt, { names: /nothing/ }), 'bad-name', /\/nothing\//);
    await expectError(model.runWithCache(prompt, { names: 'kk2' }), 'bad-name', /nearest/);
    await expectError(model.runWithCache(prompt, { names: [3] as never }), 'bad-option', /RegExp/);
  });
});

describe('positions', () => {
  it('are those that are captured and have logits', async () => {
    const names = ['*'];
    const whole = await model.runWithCache(prompt, { names });
    for (const [positions, begin, end] of [
      [-1, -1, undefined],
      [2, 2, 3],
      [[1, 4], 1, 4],
    ] as const) {
      const part = await model.runWithCache(prompt, { names, positions });
      const q = part.cache.get('q1');
      expect(q.data).toEqual(whole.cache.get('q1').slice([begin, end]).data);
      const pattern = whole.cache.get('pattern1').slice(null, [begin, end]);
      expect(part.cache.get('pattern1').data).toEqual(pattern.data);
      expect(part.logits.data).toEqual(whole.logits.slice([begin, end]).data);
    }
  });

  it('outside the text are refused', async () => {
    await expectError(model.runWithCache(prompt, { positions: 99 }), 'bad-option', /positions/);
    await expectError(model.runWithCache(prompt, { positions: [1, 1] }), 'bad-option', /positions/);
  });
});

describe('startAtLayer', () => {
  it('goes on from a residual stream', async () => {
    const whole = await model.runWithCache(prompt, { names: ['*'] });
    const residual = whole.cache.get('resid_pre3');
    const rest = await model.runWithCache(residual, { startAtLayer: 3 });
    expect(rest.tokens).toEqual([]);
    expect(rest.logits!.data).toEqual(whole.logits.data);
    expect(rest.cache.has('k2')).toBe(false);
    expect(rest.cache.get('k3').data).toEqual(whole.cache.get('k3').data);
    // The next run is not confused by it.
    const again = await model.runWithCache(prompt, { names: ['*'] });
    expect(again.logits.data).toEqual(whole.logits.data);
  });

  it('needs a residual stream, and only it does', async () => {
    await expectError(
      model.runWithCache(prompt, { startAtLayer: 1 }),
      'bad-option',
      /takes a residual stream/,
    );
    const { cache } = await model.runWithCache(prompt, { names: ['z0', 'resid_pre1'] });
    const wrong = model.runWithCache(cache.get('z0'), { startAtLayer: 1 });
    await expectError(wrong, 'bad-option', /tensor \[T,192\], not/);
    const late = model.runWithCache(cache.get('resid_pre1'), { startAtLayer: 99 });
    await expectError(late, 'bad-option', /99/);
  });
});

describe('several texts', () => {
  it('give a result each', async () => {
    const texts = ['One day', 'The dog', 'The cat sat'];
    const seen: string[] = [];
    const results = await model.runWithCache(texts, {
      names: ['z1'],
      onStage: (done, all) => void seen.push(`${done}/${all}`),
    });
    expect(results).toHaveLength(3);
    for (const [i, text] of texts.entries()) {
      const alone = await model.runWithCache(text, { names: ['z1'] });
      expect(results[i]!.tokens).toEqual(alone.tokens);
      expect(results[i]!.logits!.data).toEqual(alone.logits.data);
    }
    expect(seen.at(-1)).toMatch(/^(\d+)\/\1$/);
    const ids = await model.runWithCache([[1, 2], [3]], { names: [] });
    expect(ids.map(({ tokens }) => tokens)).toEqual([[1, 2], [3]]);
  });
});

describe('estimateRun', () => {
  it('says what a run takes, to the byte where it is returned', async () => {
    for (const options of [
      {},
      { names: ['*pattern'] },
      { names: ['*'], positions: [0, 2] },
    ] as const) {
      const estimate = await model.estimateRun(prompt, options);
      const { cache, logits } = await model.runWithCache(prompt, options);
      expect(estimate.activations).toBe(cache.bytes);
      if (!cache.has('logits')) expect(estimate.logits).toBe(logits.data.byteLength);
      expect(estimate.cache).toBe(2 * 6 * greedy.ids.length * 192 * 4);
      expect(estimate.scratch).toBeGreaterThan(0);
      const { activations, logits: rows, cache: keys, scratch } = estimate;
      expect(estimate.total).toBe(2 * (activations + rows) + keys + scratch);
    }
    await expectError(model.estimateRun([]), 'bad-tokens');
  });
});

describe('hooks', () => {
  it('see activations and replace them', async () => {
    const seen: string[] = [];
    const zero: Hook = (tensor, name) => {
      seen.push(name);
      return new Float32Array(tensor.size);
    };
    const hooked = await model.runWithCache(prompt, { names: ['z2'], hooks: { z2: zero } });
    const edits = [{ name: 'z2', op: 'zero' }] as const;
    const edited = await model.runWithCache(prompt, { names: ['z2'], edits });
    expect(seen).toEqual(['blocks.2.attn.hook_z']);
    expect(hooked.logits.data).toEqual(edited.logits.data);
    expect(Math.max(...hooked.cache.get('z2').data)).toBe(0);
  });

  it('see every head of scores and patterns, and nothing gets past the mask', async () => {
    let shape: readonly number[] = [];
    const T = greedy.ids.length;
    const uniform: Hook = (pattern) => {
      shape = pattern.dims;
      return new Float32Array(pattern.size).fill(1 / T);
    };
    const { cache } = await model.runWithCache(prompt, {
      names: ['pattern0'],
      hooks: [[/blocks\.0\.attn\.hook_pattern/, uniform]],
    });
    expect(shape).toEqual([6, T, T]);
    expect(cache.get('pattern0').at(1, 2, 2)).toBeCloseTo(1 / T, 6);
    expect(cache.get('pattern0').at(1, 2, 3)).toBe(0);
  });

  it('that only look change nothing', async () => {
    const look: Tensor[] = [];
    const plain = await model.runWithCache(prompt, { names: ['attn_scores1'] });
    const looked = await model.runWithCache(prompt, {
      names: ['attn_scores1'],
      hooks: [['*', (tensor) => void look.push(tensor)]],
    });
    expect(looked.logits.data).toEqual(plain.logits.data);
    expect(look.find(({ name }) => name === 'blocks.1.attn.hook_attn_scores')!.data).toEqual(
      plain.cache.get('attn_scores1').data,
    );
    expect(look.at(-1)!.name).toBe('logits');
  });

  it('come after edits, in order', async () => {
    const add =
      (amount: number): Hook =>
      (tensor) =>
        tensor.data.map((x) => x + amount);
    const { cache } = await model.runWithCache(prompt, {
      names: ['embed'],
      edits: [{ name: 'embed', op: 'zero' }],
      hooks: [
        ['embed', add(1)],
        ['embed', (tensor) => tensor.data.map((x) => x * 3)],
      ],
    });
    expect(cache.get('embed').at(0, 0)).toBe(3);
  });

  it('that throw, or return what does not fit, end the run', async () => {
    const error = new Error('mine');
    const thrown = model.runWithCache(prompt, {
      hooks: {
        embed: () => {
          throw error;
        },
      },
    });
    await expect(thrown).rejects.toBe(error);
    const wrong = model.runWithCache(prompt, { hooks: { embed: () => new Float32Array(3) } });
    await expectError(wrong, 'bad-edit', /hook_embed returned 3 numbers/);
    const none = model.runWithCache(prompt, { hooks: { embed: 3 } as never });
    await expectError(none, 'bad-option', /hook of embed is not a function/);
    await expect(model.runWithCache(prompt)).resolves.toBeDefined();
  });
});

describe('patch edits', () => {
  it('take the same elements of another run', async () => {
    const other = await model.runWithCache(greedy.ids.toReversed(), { names: ['z1'] });
    const patched = await model.runWithCache(prompt, {
      names: ['z1'],
      edits: [{ name: 'z1', op: 'patch', head: 2, position: -1, value: other.cache.get('z1') }],
    });
    const plain = await model.runWithCache(prompt, { names: ['z1'] });
    const z = patched.cache.get('z1');
    expect(z.slice(-1, 2).data).toEqual(other.cache.get('z1').slice(-1, 2).data);
    expect(z.slice(-1, 1).data).toEqual(plain.cache.get('z1').slice(-1, 1).data);
    expect(z.slice([0, -1]).data).toEqual(plain.cache.get('z1').slice([0, -1]).data);
  });
});
