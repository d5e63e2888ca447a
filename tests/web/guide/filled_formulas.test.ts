// The formulas with the reader's numbers in them: whatever is filled in is the package's number of that name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActivationCache, type Explanation, load, type Model } from 'glassformer';
import { filledFormula, type Known } from '../../../web/src/guide/filled_formulas.ts';
import { type MathNode } from '../../../web/src/guide/math.ts';
import { childrenOf, plainOf } from '../../../web/src/guide/plain_math.ts';
import { firstSubject, operationOf } from '../../../web/src/view/focus.ts';
import { printOf } from '../../../web/src/view/explained_terms.ts';
import { percent, significant, weight as share } from '../../../web/src/view/numbers.ts';
import { isNormOutput, normalizedOf } from '../../../web/src/view/norm_output.ts';
import { partsOf } from '../../../web/src/view/operation_parts.ts';
import { type OperationId, operationIds } from '../../../web/src/view/operations.ts';
import { defaultSampling, type Sampling } from '../../../web/src/view/sampling.ts';

const root = new URL('../../../', import.meta.url);
const ids = [912, 673, 258, 508, 11, 423, 302];
const at = { block: 2, head: 1, query: 5 };
let model: Model;
let cache: ActivationCache;
const weights = new Map<string, { data: Float32Array; dims: readonly number[] }>();

beforeAll(async () => {
  model = await load(new URL('weights/stories/', root));
  ({ cache } = await model.runWithCache(ids));
  for (const name of ['h.2.ln_1.weight', 'h.2.ln_1.bias', 'ln_f.weight', 'ln_f.bias']) {
    weights.set(name, await model.weight(name));
  }
});
afterAll(() => model.dispose());

const valuesIn = (node: MathNode): Extract<MathNode, { kind: 'value' }>[] =>
  node.kind === 'value' ? [node] : childrenOf(node).flatMap(valuesIn);

/** What a layer norm gives out is on screen as well. */
function entry(name: string, index: readonly number[]): number | undefined {
  if (isNormOutput(name)) {
    const [gamma, beta] = ['weight', 'bias'].map((each) => {
      const norm = name.startsWith('ln_final') ? 'ln_f' : 'h.2.ln_1';
      return entry(`${norm}.${each}`, index.slice(1))!;
    });
    return Math.fround(entry(normalizedOf(name), index)! * gamma! + beta!);
  }
  const values = weights.get(name) ?? (cache.has(name) ? cache.get(name) : undefined);
  return values?.data[index.reduce((sum, each, axis) => sum * values.dims[axis]! + each, 0)];
}

async function known(
  operation: OperationId,
  name?: string,
  index?: number[],
  changed: Partial<Sampling> = {},
): Promise<Known> {
  const places = { ...at, tokens: ids.length, key: 2, best: 258, rowOf: () => null };
  const subject = name ? { name, index: index! } : firstSubject(operation, places);
  const whole: Explanation | null =
    subject &&
    (await model.explain(ids, subject.name as 'logits', subject.index, { terms: 100_000 }));
  const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
  const sampling = { ...defaultSampling, topP: 0.9, ...changed };
  const draw = ({ greedy, temperature, ...others }: Sampling) =>
    model.sample(logits.data, {
      ...others,
      temperature: greedy ? 0 : temperature,
      step: ids.length,
    });
  return {
    operation,
    whole,
    parts: partsOf({ operation, subject }, at, model.config.n_layer),
    entry,
    config: model.config,
    ids,
    tokens: ids.map((id) => model.tokenizer.decodeBytes([id])),
    position: at.query,
    stages: draw(sampling),
    keptByTopK: draw({ ...sampling, topP: 1 }).filtered,
    sampling,
  };
}

const textOf = (of: Known) =>
  filledFormula(of)
    .map((line) => line.map(plainOf).join(' '))
    .join('; ');

test.each(operationIds)('%s is filled with numbers that say where they come from', async (id) => {
  const of = await known(id);
  const values = filledFormula(of).flatMap((line) => line.flatMap(valuesIn));
  expect(values.length).toBeGreaterThan(0);
  for (const { text, source } of values) {
    expect(Object.keys(source).join()).toMatch(/^data-(tensor,data-index|stage.*|source.*)$/);
    const name = source['data-tensor'];
    if (name === undefined) continue;
    const index = source['data-index']!.split(', ').map(Number);
    const held = entry(name, index) ?? (await model.weight(name)).at(...index);
    expect(text, name).toBe(significant(held));
  }
  // The number that is explained is in it.
  if (of.whole) expect(values.map(({ text }) => text)).toContain(significant(of.whole.value));
});

describe('a long sum', () => {
  test('has its first two terms, its last one, the bias and what they come to', async () => {
    const of = await known('mlpUp', 'blocks.2.mlp.hook_pre', [5, 10]);
    const term = (label: string) => {
      const { factors } = of.whole!.terms.find((each) => each.label === label)!;
      const shown = factors.map(({ value }) => significant(value));
      return shown.map((text) => (text.startsWith('−') ? `( ${text} )` : text)).join(' × ');
    };
    const [a, b, z, bias] = ['c = 0', 'c = 1', 'c = 191', 'bias'].map(term);
    expect(textOf(of)).toBe(
      `u 5 , 10 = ${a} + ${b} + … + ${z} + ${bias} = ${significant(of.whole!.value)}`,
    );
  });

  test('that is short is whole', async () => {
    const of = await known('weightedSum', 'blocks.2.attn.hook_z', [2, 1, 3]);
    expect(textOf(of).match(/×/g)).toHaveLength(3);
    expect(textOf(of)).not.toContain('…');
  });
});

test.each([
  ['hook_embed', [3, 4]],
  ['hook_pos_embed', [3, 4]],
  ['blocks.0.hook_resid_pre', [3, 4]],
  ['blocks.3.hook_resid_pre', [3, 4]],
  ['blocks.2.hook_resid_mid', [5, 4]],
  ['blocks.2.hook_resid_post', [5, 4]],
  ['blocks.2.ln2.hook_scale', [3, 0]],
  ['blocks.2.ln2.hook_normalized', [3, 4]],
  ['blocks.2.attn.hook_k', [3, 1, 4]],
  ['blocks.2.attn.hook_result', [3, 1, 4]],
  ['blocks.2.attn.hook_pattern', [1, 2, 4]],
  ['blocks.2.hook_mlp_out', [3, 4]],
  ['probabilities', [3, 4]],
] as const)('%s%j is told with its own number', async (name, index) => {
  const of = await known(operationOf({ name }), name, [...index]);
  expect(textOf(of)).toContain(printOf(of.whole!)(of.whole!.value));
});

test.each([
  ['layerNorm', 'blocks.2.ln1'],
  ['finalNorm', 'ln_final'],
] as const)('%s begins with what it gives out', async (operation, norm) => {
  const of = await known(operation, `${norm}.hook_normalized`, [5, 7]);
  const [line] = textOf(of).split('; ');
  expect(line).toMatch(/^y 5 , 7 = /);
  expect(line!.endsWith(` = ${significant(entry(`${norm}.output`, [5, 7])!)}`)).toBe(true);
});

test('a residual connection is what was there and what is added', async () => {
  const of = await known('residual', 'blocks.2.hook_resid_mid', [5, 4]);
  const [before, more, after] = ['hook_resid_pre', 'hook_attn_out', 'hook_resid_mid'].map((name) =>
    significant(entry(`blocks.2.${name}`, [5, 4])!),
  );
  const plain = textOf(of).replaceAll(/[()] ?/g, '');
  expect(plain).toBe(`x ′ 5 , 4 = ${before} + ${more} = ${after}`.replace('  ', ' '));
});

test('a score is its dot product, and that times the factor', async () => {
  const of = await known('scores', 'blocks.2.attn.hook_attn_scores', [1, 4, 2]);
  const [dot] = of.whole!.quantities;
  const [product, scaled] = textOf(of).split('; ');
  const ends = ['d = 0', 'd = 31'].map((label) => {
    const { factors } = dot!.terms.find((term) => term.label === label)!;
    const shown = factors.map(({ value }) => significant(value));
    return shown.map((text) => (text.startsWith('−') ? `( ${text} )` : text)).join(' × ');
  });
  expect(product).toMatch(/^r 4 , 2 = /);
  for (const end of ends) expect(product).toContain(end);
  expect(product!.endsWith(` = ${significant(dot!.value)}`)).toBe(true);
  const root = 1 / Math.sqrt(model.config.head_width);
  expect(scaled!.replaceAll(/[()] ?/g, '').replaceAll(/ +/g, ' ')).toBe(
    `e 4 , 2 = ${significant(dot!.value)} × ${significant(root)} = ${significant(of.whole!.value)}`,
  );
});

test('where a token would look ahead, that is what stands there', async () => {
  const of = await known('mask', 'blocks.2.attn.hook_attn_scores', [1, 2, 4]);
  expect(textOf(of)).toBe('e ′ 2 , 4 = −∞ , 4 > 2');
});

test('tokenization is a piece, its bytes and its id', async () => {
  const of = await known('tokenization');
  expect(textOf(of)).toBe('i 5 = id ( ·there ) = 423; ·there = 20 74 68 65 72 65');
});

describe('of the next token', () => {
  // Warm and with many kept, so that the second rank is drawn for some seed, and top-p cuts.
  const sampling = { temperature: 3, topK: 40, topP: 0.8 };
  const drawn = async (operation: OperationId, changed: Partial<Sampling> = {}) => {
    for (let seed = 1; ; seed += 1) {
      const of = await known(operation, undefined, undefined, { ...sampling, ...changed, seed });
      if (of.stages!.order.indexOf(of.stages!.token) === 1) return of;
    }
  };

  test('the temperature divides the logit of the token that is drawn', async () => {
    const of = await drawn('temperature');
    const { logits, scaled, probabilities, order, token } = of.stages!;
    const [logit, largest] = [logits[token]!, scaled[order[0]!]!];
    const total = scaled.reduce((sum, each) => sum + Math.exp(each - largest), 0);
    expect(textOf(of).replaceAll(/ +/g, ' ')).toBe(
      `p ${token} = ( exp ( ${significant(logit)} / 3 − ${significant(largest)} ) ) / ` +
        `( ${significant(total)} ) = ${percent(probabilities[token]!)}; ` +
        `τ = 3 , M = max j ( ℓ j / τ ) = ${significant(largest)}; ` +
        `Z = ∑ j exp ( ℓ j / τ − M ) = ${significant(total)}`,
    );
    expect(probabilities[token]).toBeCloseTo(Math.exp(logit / 3 - largest) / total, 6);
  });

  test.each([
    [0.5, [6, 44], 'p 44 = ( exp ('],
    [1, [6, 44], 'p 6 , 44 = ( exp ( ℓ 6 , 44'],
    [0.5, [3, 44], 'p 3 , 44 = ( exp ( ℓ 3 , 44'],
  ] as const)(
    'at temperature %d the probability %j has it where it is the next token’s',
    async (temperature, index, beginning) => {
      const of = await known('temperature', 'probabilities', [...index], { temperature });
      expect(textOf(of).replaceAll(/ +/g, ' ').slice(0, beginning.length)).toBe(beginning);
    },
  );

  test.each([0.8, 1])('top-k has its own probability and rank, at top-p %d', async (topP) => {
    const of = await drawn('topK', { topP });
    const { order, probabilities, token } = of.stages!;
    const total = order.slice(0, 40).reduce((sum, id) => sum + probabilities[id]!, 0);
    const p = probabilities[token]!;
    expect(textOf(of)).toBe(
      `p ′ ${token} = ( ${percent(p)} ) / ( ${percent(total)} ) = ${percent(p / total)}; ` +
        `rank ( ${token} ) = 2 ≤ k = 40`,
    );
  });

  test('top-k that keeps all says so', async () => {
    expect(textOf(await known('topK', undefined, undefined, { topK: 0 }))).toContain('≤ k = V');
  });

  test('top-p keeps no more than are needed', async () => {
    const of = await known('topP', undefined, undefined, sampling);
    const { order, afterTopP } = of.stages!;
    const sum = (count: number) =>
      order.slice(0, count).reduce((total, id) => total + of.keptByTopK![id]!, 0);
    expect(afterTopP).toBeGreaterThan(2);
    expect([sum(afterTopP - 1) < 0.8, sum(afterTopP) >= 0.8]).toEqual([true, true]);
    expect(textOf(of).split('; ')).toEqual([
      `n = min { m : ∑ i = 1 m p ′ ( i ) ≥ 0.8 } = ${afterTopP}`,
      `∑ i = 1 n − 1 p ′ ( i ) = ${share(sum(afterTopP - 1))} < ` +
        `0.8 ≤ ∑ i = 1 n p ′ ( i ) = ${share(sum(afterTopP))}`,
    ]);
    const all = await known('topP', undefined, undefined, { topP: 1 });
    expect(filledFormula(all)).toHaveLength(1);
  });

  test('the draw falls on the share of the token', async () => {
    const of = await drawn('sampling');
    const { order, filtered, draw } = of.stages!;
    const [from, own] = [filtered[order[0]!]!, filtered[order[1]!]!];
    expect(from <= draw && draw < from + own).toBe(true);
    expect(textOf(of)).toBe(
      `r = min { m : ∑ i = 1 m p ″ ( i ) > ${significant(draw)} } = 2; ` +
        `∑ i = 1 r − 1 p ″ ( i ) = ${share(from)} ≤ ${significant(draw)} < ` +
        `∑ i = 1 r p ″ ( i ) = ${share(from + own)}`,
    );
  });

  test.each(['topK', 'topP', 'sampling'] as const)(
    'greedily it is the one with the largest logit, in %s',
    async (operation) => {
      const of = await known(operation, undefined, undefined, { greedy: true });
      const { token, logits, order } = of.stages!;
      expect(token).toBe(order[0]);
      expect(Math.max(...logits)).toBe(logits[token]);
      const strokes = operation === 'topK' ? '′' : '″';
      expect(textOf(of)).toBe(
        `argmax j ( ℓ j ) = ${token} , ℓ ${token} = max j ( ℓ j ) = ` +
          `${significant(logits[token]!)}; p ${strokes} ${token} = 100%`,
      );
    },
  );
});
