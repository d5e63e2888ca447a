// The analyses as the package gives them. That their numbers are right is tested beside core.
import { load, type Model } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { greedy, plainFiles, stories } from './support/models.ts';

const prompt = greedy.prompt;
let model: Model;
let heads: number;
let layers: number;
beforeAll(async () => {
  model = await load(stories);
  ({ n_head: heads, n_layer: layers } = model.config);
});
afterAll(() => model.dispose());

describe('logitLens', () => {
  it('ends with the prediction of the model', async () => {
    const lens = await model.logitLens(prompt, { top: 3, tokens: [' the'] });
    const { logits } = await model.runWithCache(prompt, { names: [] });
    expect(lens.tokens).toEqual(greedy.ids);
    expect(lens.layers.map(({ name }) => name)).toEqual([
      ...Array.from({ length: layers }, (_, i) => `blocks.${i}.hook_resid_pre`),
      `blocks.${layers - 1}.hook_resid_post`,
    ]);
    const last = lens.layers.at(-1)!.positions.at(-1)!;
    const best = model.sample(logits, { temperature: 0 });
    expect(last.top.map(({ id }) => id)).toEqual([...best.order.subarray(0, 3)]);
    expect(last.top[0]!.text).toBe(model.tokenizer.decode([best.token]));
    expect(last.top[0]!.logit).toBe(logits.at(-1, best.token));
    expect(last.target).toEqual(last.top[0]);
    expect(last.tracked[0]!.text).toBe(' the');
    expect(last.entropy).toBeGreaterThan(0);
  });

  it('looks between attention and MLP too', async () => {
    const { layers: all } = await model.logitLens(prompt, { sublayers: true });
    expect(all).toHaveLength(2 * layers + 1);
    expect(all[1]!.name).toBe('blocks.0.hook_resid_mid');
  });
});

describe('logitAttribution', () => {
  it('adds up to the logit, and to the difference of two', async () => {
    const { logits } = await model.runWithCache(prompt, { names: [] });
    const one = await model.logitAttribution(prompt, { token: ' the' });
    expect(one.value).toBeCloseTo(logits.at(-1, one.token), 4);
    expect(Math.abs(one.remainder)).toBeLessThan(1e-3);
    const two = await model.logitAttribution(prompt, { token: ' the', against: ' a' });
    expect(two.value).toBeCloseTo(logits.at(-1, two.token) - logits.at(-1, two.against!), 4);
    expect(two.terms.filter(({ kind }) => kind === 'head')).toHaveLength(layers * heads);
    expect(two.terms.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(two.sum, 8);
  });

  it('says which head to remove to change the prediction', async () => {
    // The best token against the second: the head that speaks loudest for it.
    const { logits } = await model.runWithCache(prompt, { names: [] });
    const [best, second] = model.sample(logits).order;
    const before = await model.logitAttribution(prompt, { token: best!, against: second! });
    const loudest = before.terms
      .filter(({ kind, block }) => kind === 'head' && block === layers - 1)
      .sort((a, b) => b.value - a.value)[0]!;
    const name = `blocks.${loudest.block!}.attn.hook_z` as const;
    const after = await model.runWithCache(prompt, {
      names: [],
      edits: [{ name, op: 'zero', head: loudest.head! }],
    });
    const difference = after.logits.at(-1, best!) - after.logits.at(-1, second!);
    expect(loudest.value).toBeGreaterThan(0);
    expect(difference).toBeLessThan(before.value);
  });
});

describe('headScores', () => {
  it('measures on random tokens that repeat, or on a text', async () => {
    const scores = await model.headScores(null, { length: 20, seed: 3 });
    expect(scores.tokens).toHaveLength(40);
    expect(scores.tokens.slice(20)).toEqual(scores.tokens.slice(0, 20));
    expect(scores.repeatedPositions).toBe(20);
    for (const kind of ['previous', 'duplicate', 'induction'] as const) {
      expect(scores[kind].dims).toEqual([layers, heads]);
      for (const score of scores[kind].data) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    }
    const text = await model.headScores('one two three');
    expect(text.tokens).toEqual(model.tokenizer.encode('one two three'));
  });
});

describe('attentionRollout', () => {
  it('has a distribution over positions for each block and position', async () => {
    const rollout = await model.attentionRollout(prompt);
    const T = greedy.ids.length;
    expect(rollout.dims).toEqual([layers, T, T]);
    for (const row of rollout.rows()) {
      expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  });
});

describe('attentionDotProducts', () => {
  it('has what the model scales to scores', async () => {
    const block = layers - 1;
    const scored = `blocks.${block}.attn.hook_attn_scores`;
    const { cache } = await model.runWithCache(prompt, { names: [scored] });
    const scores = cache.get(scored);
    const products = await model.attentionDotProducts(prompt, block);
    const T = greedy.ids.length;
    expect(products.dims).toEqual([heads, T, T]);
    const root = Math.sqrt(model.config.head_width);
    for (const [place, product] of products.data.entries()) {
      const score = scores.data[place]!;
      if (Number.isFinite(score)) expect(product / root).toBeCloseTo(score, 3);
      else expect(product).toBe(score);
    }
    expect(products.at(0, 0, 1)).toBe(-Infinity);
  });

  it('is of an edited run, and refuses a block that is not there', async () => {
    const edits = [{ name: 'blocks.0.attn.hook_k', op: 'zero', head: 1 }] as const;
    const products = await model.attentionDotProducts(prompt, 0, { edits });
    expect(products.at(1, 3, 2)).toBe(0);
    expect(products.at(0, 3, 2)).not.toBe(0);
    await expectError(
      model.attentionDotProducts(prompt, layers),
      'bad-option',
      /block must be 0 to \d+, not \d+/,
    );
  });
});

describe('activationPatching', () => {
  const lily = 'Once upon a time, there was a girl';
  const tom = 'Once upon a time, there was a boy';
  const metric = { token: ' her', against: ' his' } as const;

  it('finds the position that makes the difference', async () => {
    const { values, from, into } = await model.activationPatching(lily, tom, { metric });
    const T = model.tokenizer.encode(lily).length;
    expect(values.dims).toEqual([layers, T]);
    expect(from).not.toBeCloseTo(into, 3);
    // Before the first block, only the last token is another.
    for (let t = 0; t + 1 < T; ++t) expect(values.at(0, t)).toBeCloseTo(into, 5);
    expect(values.at(0, T - 1)).toBeCloseTo(from, 4);
  });

  it('patches heads, tells how far it is, and stops', async () => {
    const seen: number[] = [];
    const { values } = await model.activationPatching(lily, tom, {
      metric: { kind: 'kl_divergence' },
      activation: 'attn.hook_z',
      axis: 'head',
      onProgress: (done, total) => void seen.push(done / total),
    });
    expect(values.dims).toEqual([layers, heads]);
    expect(seen.length).toBeGreaterThan(layers);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));

    const controller = new AbortController();
    const stopped = model.activationPatching(lily, tom, {
      metric,
      signal: controller.signal,
      onProgress: (done) => void (done > 3 && controller.abort(new Error('enough'))),
    });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('refuses texts of different lengths and metrics without a token', async () => {
    await expectError(
      model.activationPatching(lily, `${tom} cried`, { metric }),
      'bad-tokens',
      /same number of tokens/,
    );
    const nothing = { metric: { kind: 'logit' } as never };
    await expectError(model.activationPatching(lily, tom, nothing), 'bad-option', /token/);
  });
});

describe('tokenDirection, nearestTokens and principalComponents', () => {
  it('adds and subtracts tokens', async () => {
    const girl = await model.tokenDirection(' girl');
    const sum = await model.tokenDirection([' girl', [' boy', -0.5]]);
    const wte = await model.weight('wte.weight');
    const [id] = model.tokenizer.encode(' boy');
    expect(girl.dims).toEqual([model.config.n_embd]);
    expect(sum.at(3)).toBeCloseTo(girl.at(3) - wte.at(id!, 3) / 2, 5);
  });

  it('finds what is near, without the tokens that were given', async () => {
    const near = await model.nearestTokens(' girl', { top: 4 });
    expect(near).toHaveLength(4);
    expect(near.map(({ text }) => text)).not.toContain(' girl');
    const vector = await model.tokenDirection(' girl');
    const all = await model.nearestTokens(vector, { top: 5 });
    expect(all[0]).toMatchObject({ text: ' girl' });
    expect(all[0]!.similarity).toBeCloseTo(1, 6);
    expect(all.slice(1)).toEqual(near);
  });

  it('wants texts of one token', async () => {
    await expectError(
      model.nearestTokens('an extraordinary adventure'),
      'bad-option',
      /"an extraordinary adventure" is not one token but \d+/,
    );
  });

  it('projects any vectors', async () => {
    const { cache } = await model.runWithCache(prompt, { names: ['blocks.2.hook_resid_post'] });
    const { coordinates, components, explained } = await model.principalComponents(
      cache.get('blocks.2.hook_resid_post'),
    );
    expect(coordinates.dims).toEqual([greedy.ids.length, 2]);
    expect(components.dims).toEqual([2, model.config.n_embd]);
    expect(explained.at(0)).toBeGreaterThan(explained.at(1));
    const rows = [
      [0, 0],
      [1, 2],
      [2, 4],
    ];
    expect((await model.principalComponents(rows)).explained.at(0)).toBeCloseTo(1, 6);
    await expectError(
      model.principalComponents([[1], [1, 2]]),
      'bad-option',
      /Vector 1 has 2 numbers, the first one 1/,
    );
  });
});

describe('textLoss', () => {
  it('is the negative logarithm of each probability', async () => {
    const loss = await model.textLoss(prompt);
    const { logits } = await model.runWithCache(prompt, { names: [] });
    const { probabilities } = model.sample(logits.slice([0, 1]).data);
    expect(loss.losses.dims).toEqual([greedy.ids.length - 1]);
    expect(loss.losses.at(0)).toBeCloseTo(-Math.log(probabilities[greedy.ids[1]!]!), 4);
    expect(loss.probabilities).toHaveLength(loss.losses.data.length);
    expect(loss.probabilities[0]).toBeCloseTo(probabilities[greedy.ids[1]!]!, 6);
    expect(loss.perplexity).toBeCloseTo(Math.exp(loss.mean), 6);
    const together = loss.probabilities.reduce((product, each) => product * each, 1);
    expect(loss.probability / together).toBeCloseTo(1, 5);
    expect(loss.logProbability).toBeCloseTo(Math.log(together), 5);
    expect(loss.ranks[0]).toBeGreaterThanOrEqual(0);
  });
});

describe('explain', () => {
  it('gives terms that add up to the number', async () => {
    const name = 'blocks.1.attn.hook_z';
    const { cache } = await model.runWithCache(prompt, { names: [name] });
    const why = await model.explain(prompt, name, [-1, 0, 3], { terms: 4 });
    expect(why.value).toBe(cache.get(name).at(-1, 0, 3));
    expect(why.formula).toMatch(/z\[t,h,d\] =/);
    expect(why.terms).toHaveLength(4);
    expect(why.total).toBeCloseTo(why.value, 5);
    const listed = why.terms.reduce((sum, { value }) => sum + value, 0);
    expect(listed + why.othersValue).toBeCloseTo(why.total, 9);
    const [weight, value] = why.terms[0]!.factors;
    expect(weight!.name).toBe('blocks.1.attn.hook_pattern');
    expect(weight!.value * value!.value).toBeCloseTo(why.terms[0]!.value, 9);
  });

  it('says of what is multiplied behind a layer norm that it is what that gave out', async () => {
    const { formula, terms } = await model.explain(prompt, 'blocks.1.mlp.hook_pre', [1, 3]);
    expect(formula).toMatch(/sum_c y\[c\] .* y = normalized \* ln_2\.weight \+ ln_2\.bias$/);
    const product = terms.find(({ label }) => label !== 'bias')!;
    expect(product.factors[0]).toMatchObject({ name: 'y', madeOf: 'blocks.1.ln2.hook_normalized' });
  });

  it('has the dot product of a score before its scaling', async () => {
    const name = 'blocks.0.attn.hook_attn_scores';
    const { terms, quantities } = await model.explain(prompt, name, [0, 3, 2], { terms: 1000 });
    const [dot] = quantities;
    expect(dot).toMatchObject({ symbol: 'dot', formula: 'dot = sum_d q[t,h,d] k[s,h,d]' });
    expect(dot!.terms).toHaveLength(model.config.head_width);
    expect(dot!.value).toBe(dot!.total);
    const [, , factor] = terms[0]!.factors;
    const products = await model.attentionDotProducts(prompt, 0);
    expect(dot!.value).toBeCloseTo(products.at(0, 3, 2), 4);
    expect(dot!.value * factor!.value).toBeCloseTo(
      terms.reduce((sum, { value }) => sum + value, 0),
      9,
    );
  });

  it('knows infinity, and probabilities', async () => {
    const score = await model.explain(prompt, 'blocks.0.attn.hook_attn_scores', [0, 1, 2]);
    expect(score.value).toBe(-Infinity);
    const { logits } = await model.runWithCache(prompt, { names: [] });
    const { probabilities, token } = model.sample(logits, { temperature: 0 });
    const why = await model.explain(prompt, 'probabilities', [-1, token]);
    expect(why.value).toBeCloseTo(probabilities[token]!, 6);
    expect(why.quantities.map(({ symbol }) => symbol)).toEqual(['max', 'Z']);
  });

  it('explains what an edited run computed', async () => {
    const edits = [{ name: 'blocks.0.attn.hook_z', op: 'zero' }] as const;
    const why = await model.explain(prompt, 'blocks.0.hook_attn_out', [0, 0], { edits });
    expect(why.terms[0]!.label).toBe('bias');
    expect(why.terms[1]!.value).toBe(0);
  });
});

describe('every analysis', () => {
  it('names what it refuses', async () => {
    await expectError(model.explain(prompt, 'hook_embedd', [0, 0]), 'bad-name', /hook_embed"/);
    await expectError(model.logitLens([]), 'bad-tokens', /no token/);
    await expectError(model.logitLens(prompt, { top: 0.5 }), 'bad-option', /top is not a whole/);
  });

  it('works without a tokenizer, on token ids', async () => {
    const plain = await load(plainFiles());
    const lens = await plain.logitLens([1, 2, 3]);
    expect(lens.layers[0]!.positions[0]!.top[0]!.text).toBe('');
    await expectError(plain.nearestTokens(' girl'), 'bad-tokenizer');
    await plain.dispose();
    await expectError(plain.logitLens([1, 2, 3]), 'disposed');
  });
});
