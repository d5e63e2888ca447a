import { describe, expect, test } from 'vitest';
import {
  cumulative,
  decadesTo,
  explainedNext,
  isTempered,
  rankCurve,
  shareOf,
  softmaxTotal,
} from '../../../web/src/view/distribution.ts';
import { defaultSampling } from '../../../web/src/view/sampling.ts';

/** Probabilities that fall by rank; the ids are the ranks backwards. */
function distribution(vocabulary: number, afterTopP = vocabulary) {
  const order = Int32Array.from({ length: vocabulary }, (_, rank) => vocabulary - 1 - rank);
  const raw = Float64Array.from({ length: vocabulary }, (_, rank) => 1 / (rank + 1));
  const total = raw.reduce((a, b) => a + b, 0);
  const probabilities = new Float32Array(vocabulary);
  const filtered = new Float32Array(vocabulary);
  const kept = raw.slice(0, afterTopP).reduce((a, b) => a + b, 0);
  for (let rank = 0; rank < vocabulary; rank += 1) {
    probabilities[order[rank]!] = raw[rank]! / total;
    if (rank < afterTopP) filtered[order[rank]!] = raw[rank]! / kept;
  }
  return { order, probabilities, filtered, afterTopP };
}

describe('the curve by rank', () => {
  test.each([1, 2, 7, 160, 4096, 50257])(
    'of %d tokens has the first, the last, and no rank twice',
    (vocabulary) => {
      const { order, probabilities } = distribution(vocabulary);
      const curve = rankCurve(order, probabilities, 160);
      const ranks = curve.map(({ rank }) => rank);
      expect([ranks[0], ranks.at(-1)]).toEqual([1, vocabulary]);
      expect([...new Set(ranks)].sort((a, b) => a - b)).toEqual(ranks);
      expect(ranks.length).toBeLessThanOrEqual(Math.min(vocabulary, 163));
      for (const { rank, probability } of curve) {
        expect(probability).toBe(probabilities[order[rank - 1]!]);
      }
    },
  );

  test('leaves out no rank at the beginning, where a curve bends', () => {
    const { order, probabilities } = distribution(50257);
    const ranks = rankCurve(order, probabilities, 160).map(({ rank }) => rank);
    expect(ranks.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('never rises', () => {
    const { order, probabilities } = distribution(4096);
    const curve = rankCurve(order, probabilities, 100);
    for (const [i, { probability }] of curve.entries()) {
      if (i > 0) expect(probability).toBeLessThanOrEqual(curve[i - 1]!.probability);
    }
  });
});

test('the first so many tokens add up, to 1 for all', () => {
  const stages = distribution(1000);
  expect(cumulative(stages, 0)).toBe(0);
  expect(cumulative(stages, 1)).toBe(stages.probabilities[999]);
  expect(cumulative(stages, 1000)).toBeCloseTo(1, 5);
});

describe('the share of the line', () => {
  const stages = distribution(50, 10);
  test('of the kept tokens are side by side from 0 to 1', () => {
    let end = 0;
    for (let rank = 0; rank < 10; rank += 1) {
      const { from, to } = shareOf(stages, stages.order[rank]!);
      expect(from).toBe(end);
      expect(to).toBeGreaterThan(from);
      end = to;
    }
    expect(end).toBeCloseTo(1, 5);
  });

  test('of a token that was cut is nothing', () => {
    expect(shareOf(stages, stages.order[10]!)).toEqual({ from: 0, to: 0 });
  });
});

test('what softmax divides by is the sum of all exponentials, less the largest', () => {
  const scaled = [1.5, -2, 3.25, 0];
  const exponentials = scaled.map((each) => Math.exp(each - 3.25));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  const probabilities = Float32Array.from(exponentials, (each) => each / total);
  expect(softmaxTotal({ order: Int32Array.of(2, 0, 3, 1), probabilities })).toBeCloseTo(total, 5);
});

test('the probability that is explained is of the next token after the last position alone', () => {
  expect(explainedNext({ name: 'probabilities', index: [9, 44] }, 10)).toBe(44);
  expect(explainedNext({ name: 'probabilities', index: [8, 44] }, 10)).toBeNull();
  expect(explainedNext({ name: 'logits', index: [9, 44] }, 10)).toBeNull();
  expect(explainedNext(null, 10)).toBeNull();
});

test('probabilities are the model’s own at temperature 1, and greedily', () => {
  expect(isTempered({ ...defaultSampling, temperature: 1 })).toBe(false);
  expect(isTempered({ ...defaultSampling, temperature: 0.8 })).toBe(true);
  expect(isTempered({ ...defaultSampling, temperature: 0.8, greedy: true })).toBe(false);
});

test.each([
  [0.3, [1, 0.5]],
  [0.1, [1, 0.5, 0.1]],
  [2e-5, [1, 0.1, 0.01, 0.001, 1e-4]],
  [4e-14, [1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12]],
  [1e-30, [1, 1e-5, 1e-10, 1e-15, 1e-20, 1e-25, 1e-30]],
])('an axis down to %f is marked at regular powers of ten', (smallest, marks) => {
  expect(decadesTo(smallest)).toEqual(marks);
});
