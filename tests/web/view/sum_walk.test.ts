import { describe, expect, test } from 'vitest';
import type { ExplainedTerm } from 'glassformer';
import { inOrder, walkedIn, walkedName, walkOf } from '../../../web/src/view/sum_walk.ts';

const product = (c: number, y: number, w: number): ExplainedTerm => ({
  label: `c = ${c}`,
  value: y * w,
  factors: [
    { name: 'y', index: [9, c], value: y, madeOf: 'blocks.0.ln1.hook_normalized' },
    { name: 'W', index: [c, 7], value: w },
  ],
});
const bias: ExplainedTerm = {
  label: 'bias',
  value: 10,
  factors: [{ name: 'b', index: [7], value: 10 }],
};
const terms = [bias, product(2, 4, 2), product(0, 3, -1), product(1, 1, 1)];

test('a sum is added up in the order of its index, the bias last', () => {
  const { running, smallest, largest } = walkOf(terms);
  expect(running).toEqual([0, -3, -2, 6, 16]);
  expect([smallest, largest]).toEqual([-3, 16]);
});

test('the residual stream is added up as it was written', () => {
  const labels = ['mlp 1', 'attention 1', 'pos_embed', 'mlp 0', 'attention 0', 'embed'];
  const shuffled = labels.map((label) => ({ label, value: 1, factors: [] }));
  expect(inOrder(shuffled).map(({ label }) => label)).toEqual([
    'embed',
    'pos_embed',
    'attention 0',
    'mlp 0',
    'attention 1',
    'mlp 1',
  ]);
});

describe('what a sum goes along', () => {
  test('is a row and a column', () => {
    const lines = walkedIn(walkOf(terms).terms);
    expect(lines.map(walkedName)).toEqual(['y[9, :]', 'W[:, 7]']);
    expect(lines.map(({ values }) => [...values])).toEqual([
      [3, 1, 4],
      [-1, 1, 2],
    ]);
  });

  test('is one vector where a number is squared, and none where nothing is multiplied', () => {
    const squares = terms.slice(1).map((term) => ({
      ...term,
      factors: [term.factors[0]!, term.factors[0]!, { name: '1 / C', index: [], value: 0.1 }],
    }));
    expect(walkedIn(squares).map(walkedName)).toEqual(['y[9, :]']);
    expect(walkedIn([bias, bias])).toEqual([]);
  });
});
