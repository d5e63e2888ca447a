import type { Explanation } from 'glassformer';
import { describe, expect, test } from 'vitest';
import {
  axesOf,
  axisOfLabel,
  formatSubject,
  meaningOf,
  nameOf,
  parseSubject,
  placesOf,
  softmaxOf,
} from '../../../web/src/view/explanation.ts';
import {
  dotOf,
  factorName,
  formulaParts,
  productsOf,
  subjectOf,
  termLabel,
} from '../../../web/src/view/explained_terms.ts';

const z = { name: 'blocks.1.attn.hook_z', index: [3, 1, 5] };

describe('a subject', () => {
  test('has a name as tensors have it, and one for the address', () => {
    expect(nameOf(z)).toBe('blocks.1.attn.hook_z[3, 1, 5]');
    expect(parseSubject(formatSubject(z))).toEqual(z);
    expect(parseSubject('logits:9,1372')).toEqual({ name: 'logits', index: [9, 1372] });
  });

  test.each([null, '', 'logits', 'logits:', 'logits:-1,2', 'a b:1', 'logits:1,2,3,4', '<i>:1'])(
    'is not made of %j',
    (text) => expect(parseSubject(text)).toBeUndefined(),
  );

  test('knows its axes and its meaning', () => {
    const row = { perBlock: true, onRequest: false, meaning: '' };
    const table = [{ ...row, name: 'attn.hook_z', shape: 'THD' }];
    expect(axesOf(z.name, table)).toBe('THD');
    expect(axesOf('probabilities', table)).toBe('TV');
    expect(meaningOf(z.name)).toBe('activation.attn.hook_z');
  });

  test('stands at places that have names, in the order of its index', () => {
    const shapes = { 'attn.hook_z': 'THD', 'attn.hook_pattern': 'HTS', 'ln1.hook_scale': 'T1' };
    const row = { perBlock: true, onRequest: false, meaning: '' };
    const table = Object.entries(shapes).map(([name, shape]) => ({ ...row, name, shape }));
    const at = (name: string, index: number[]) =>
      placesOf({ name, index }, table).map(({ axis, number }) => `${axis} ${number}`);
    expect(at(z.name, [3, 1, 5])).toEqual(['t 3', 'h 1', 'd 5']);
    expect(at('blocks.0.attn.hook_pattern', [2, 9, 8])).toEqual(['h 2', 't 9', 's 8']);
    expect(at('blocks.0.ln1.hook_scale', [4, 0])).toEqual(['t 4']);
    expect(at('probabilities', [9, 1372])).toEqual(['t 9', 'v 1372']);
    expect(at('unheard_of', [1])).toEqual([]);
  });
});

describe('a factor', () => {
  test('of an activation can be explained in its turn', () => {
    const factor = { ...z, value: 2 };
    expect(subjectOf(factor)).toEqual(z);
    expect(factorName(factor)).toBe('blocks.1.attn.hook_z[3, 1, 5]');
  });

  test('that is a symbol leads to what it was computed from', () => {
    const madeOf = 'ln_final.hook_normalized';
    const factor = { name: 'y', index: [3, 7], value: 1, madeOf };
    expect(subjectOf(factor)).toEqual({ name: madeOf, index: [3, 7] });
    expect(factorName(factor)).toBe('y');
  });

  test('of a weight, or a constant, leads nowhere', () => {
    expect(subjectOf({ name: 'wte.weight', index: [1, 2], value: 1 })).toBeNull();
    expect(subjectOf({ name: '1 / Z', index: [], value: 1 })).toBeNull();
  });
});

test('a formula has signs for words, and indices that stand lower', () => {
  const text = (formula: string) =>
    formulaParts(formula).map(({ text, low }) => (low ? `_${text}` : text));
  expect(text('z[t] = sum_s p[s] v[s]')).toEqual(['z[t] = ', 'Σ', '_s', ' ', 'p[s] v[s]']);
  expect(text('sqrt(x^2 - epsilon)').join('')).toBe('√(x² − ε)');
  expect(text('a + attn_out_i[t]')).toEqual(['a + ', 'attn_out', '_i', '[t]']);
});

test('labels of terms are messages, or name a place', () => {
  expect(termLabel('head 3')).toEqual({ key: 'why.head', values: { number: '3' } });
  expect(termLabel('bias')).toEqual({ key: 'why.bias', values: {} });
  expect(termLabel('c = 12')).toBeNull();
  expect(axisOfLabel('s = 3')).toEqual({ axis: 's', number: 3 });
  expect(axisOfLabel('c = 3')).toBeNull();
});

describe('what a cell of attention is made of', () => {
  const nothing = {
    name: '',
    index: [],
    value: 0,
    formula: '',
    terms: [],
    others: 0,
    othersValue: 0,
    total: 0,
    remainder: 0,
    quantities: [],
  } satisfies Explanation;
  const symbol = (value: number) => ({ name: '', index: [], value });
  const term = (label: string, value: number, ...factors: number[]) => ({
    label,
    value,
    factors: factors.map(symbol),
  });

  test('are products in the order of the vectors', () => {
    const terms = [term('d = 1', 6, 4, 3, 0.5), term('d = 0', -1, 2, -1, 0.5)];
    const products = [term('d = 1', 12, 4, 3), term('d = 0', -2, 2, -1)];
    const sum = { formula: '', others: 0, othersValue: 0, total: 10, terms: products };
    const dot = { ...sum, symbol: 'dot', value: 10 };
    const score = { ...nothing, terms, quantities: [dot] };
    expect(dotOf(score)?.value).toBe(10);
    expect(productsOf(score)).toEqual([
      { query: 2, key: -1, factor: 0.5, unscaled: -2, scaled: -1 },
      { query: 4, key: 3, factor: 0.5, unscaled: 12, scaled: 6 },
    ]);
    expect(productsOf({ ...score, others: 1 })).toBeNull();
    expect(productsOf({ ...score, quantities: [{ ...dot, others: 1 }] })).toBeNull();
    expect(productsOf(nothing)).toBeNull();
  });

  test('are exponentials of the row, by key', () => {
    const sum = { formula: '', others: 0, othersValue: 0 };
    const terms = [term('s = 1', 1), term('s = 0', 0.25)];
    const quantities = [
      { ...sum, symbol: 'max', value: 3, total: 0, terms: [] },
      { ...sum, symbol: 'Z', value: 1.25, total: 1.25, terms },
    ];
    const made = { max: 3, exponentials: [0.25, 1], total: 1.25 };
    expect(softmaxOf({ ...nothing, quantities })).toEqual(made);
    expect(softmaxOf(nothing)).toBeNull();
  });
});
