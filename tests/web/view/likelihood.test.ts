import { expect, test } from 'vitest';
import { chancesOf, summaryOf } from '../../../web/src/view/likelihood.ts';

const loss = {
  probabilities: [0.5, 1, 0.125],
  ranks: [1, 0, 5],
  perplexity: 16 ** (1 / 3),
  logProbability: -Math.log(16),
  probability: 1 / 16,
};

test('every token but the first has a probability', () => {
  const [first, ...others] = chancesOf(loss, 4, 4);
  expect(first).toBeNull();
  expect(others.map((chance) => chance!.rank)).toEqual([1, 0, 5]);
  expect(others.map((chance) => chance!.probability)).toEqual([0.5, 1, 0.125]);
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
  const { probability, logarithm, hits, count } = summaryOf(loss);
  expect([probability, logarithm]).toEqual([1 / 16, -Math.log(16)]);
  expect([hits, count]).toEqual([1, 3]);
});
