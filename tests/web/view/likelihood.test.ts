import { expect, test } from 'vitest';
import { chancesOf, summaryOf } from '../../../web/src/view/likelihood.ts';

const loss = {
  losses: { data: Float32Array.of(Math.LN2, 0, Math.log(8)) },
  ranks: [1, 0, 5],
  mean: (Math.LN2 + Math.log(8)) / 3,
  perplexity: 16 ** (1 / 3),
};

test('every token but the first has a probability', () => {
  const [first, ...others] = chancesOf(loss, 4, 4);
  expect(first).toBeNull();
  expect(others.map((chance) => chance!.rank)).toEqual([1, 0, 5]);
  expect(others[0]!.probability).toBeCloseTo(0.5, 6);
  expect(others[1]!.probability).toBe(1);
  expect(others[2]!.probability).toBeCloseTo(0.125, 6);
});

test('a text that goes on differently keeps the probabilities of its beginning', () => {
  expect(chancesOf(loss, 5, 2).map((chance) => chance !== null)).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
  expect(chancesOf(null, 2, 0)).toEqual([null, null]);
});

test('the whole text is as probable as its tokens together', () => {
  const { logarithm, hits, count } = summaryOf(loss);
  expect(Math.exp(logarithm)).toBeCloseTo(1 / 16, 6);
  expect([hits, count]).toEqual([1, 3]);
});
