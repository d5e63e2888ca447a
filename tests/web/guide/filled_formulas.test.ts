// The formulas with the reader's numbers in them: whatever is filled in is the package's number of that name.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActivationCache, type Explanation, load, type Model } from 'glassformer';
import { filledFormula, type Known } from '../../../web/src/guide/filled_formulas.ts';
import { childrenOf, type MathNode, plainOf } from '../../../web/src/guide/math.ts';
import { firstSubject, operationOf } from '../../../web/src/view/focus.ts';
import { significant } from '../../../web/src/view/numbers.ts';
import { partsOf } from '../../../web/src/view/operation_parts.ts';
import { type OperationId, operationIds } from '../../../web/src/view/operations.ts';
import { defaultSampling } from '../../../web/src/view/sampling.ts';

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

function entry(name: string, index: readonly number[]): number | undefined {
  const values = weights.get(name) ?? (cache.has(name) ? cache.get(name) : undefined);
  return values?.data[index.reduce((sum, each, axis) => sum * values.dims[axis]! + each, 0)];
}

async function known(operation: OperationId, name?: string, index?: number[]): Promise<Known> {
  const places = { ...at, tokens: ids.length, key: 2, best: 258, rowOf: () => null };
  const subject = name ? { name, index: index! } : firstSubject(operation, places);
  const whole: Explanation | null =
    subject &&
    (await model.explain(ids, subject.name as 'logits', subject.index, { terms: 100_000 }));
  const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
  const sampling = { ...defaultSampling, topP: 0.9 };
  return {
    operation,
    whole,
    parts: partsOf({ operation, subject }, at, model.config.n_layer),
    entry,
    config: model.config,
    ids,
    position: at.query,
    stages: model.sample(logits.data, { ...sampling, step: ids.length }),
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
  expect(textOf(of)).toContain(significant(of.whole!.value));
});

test('a residual connection is what was there and what is added', async () => {
  const of = await known('residual', 'blocks.2.hook_resid_mid', [5, 4]);
  const [before, more, after] = ['hook_resid_pre', 'hook_attn_out', 'hook_resid_mid'].map((name) =>
    significant(entry(`blocks.2.${name}`, [5, 4])!),
  );
  const plain = textOf(of).replaceAll(/[()] ?/g, '');
  expect(plain).toBe(`x 5 , 4 ′ = ${before} + ${more} = ${after}`.replace('  ', ' '));
});

test('where a token would look ahead, that is what stands there', async () => {
  const of = await known('mask', 'blocks.2.attn.hook_attn_scores', [1, 2, 4]);
  expect(textOf(of)).toBe('e 2 , 4 ′ = −∞ , 4 > 2');
});

test('of a choice that is greedy nothing is filled in', async () => {
  const of = await known('topP');
  expect(filledFormula({ ...of, sampling: { ...of.sampling, greedy: true } })).toEqual([]);
});
