import { describe, expect, test } from 'vitest';
import {
  indexOf,
  largestMagnitude,
  rowOf,
  statisticsOf,
  strongestIn,
  strongestOf,
  type Values,
} from '../../../../web/src/view/flow/vectors.ts';
import type { Extent } from '../../../../web/src/view/flow/stations.ts';

/** A tensor whose entries are their own places. */
const counting = (...dims: number[]): Values => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i),
});
const entry = ({ data, dims }: Values, index: readonly number[]) =>
  data[index.reduce((place, at, axis) => place * dims[axis]! + at, 0)];

const [T, H, D] = [5, 3, 4];
const cases: [Extent, Values, number][] = [
  ['width', counting(T, H * D), H * D],
  ['width', counting(T, H, D), H * D],
  ['head', counting(T, H, D), D],
  ['mlp', counting(T, 17), 17],
  ['width', counting(1, 32), 32],
  ['width', counting(3, 1600), 1600],
  ['head', counting(2, 25, 64), 64],
];

describe('a row', () => {
  test.each(cases)(
    'of extent %s has the numbers that its indices name',
    (extent, values, length) => {
      const tokens = values.dims[0]!;
      const heads = extent === 'head' ? values.dims[1]! : 1;
      for (let position = 0; position < tokens; position += 1) {
        for (let head = 0; head < heads; head += 1) {
          const row = rowOf({ extent }, values, head, position);
          expect(row).toHaveLength(length);
          for (const component of [0, 1, length >> 1, length - 1]) {
            const index = indexOf({ extent }, values, head, position, component);
            expect(index).toHaveLength(values.dims.length);
            expect(row[component]).toBe(entry(values, index));
          }
        }
      }
    },
  );

  test('of a pattern ends at its own token', () => {
    const pattern = counting(H, T, T);
    for (const query of [0, 2, T - 1]) {
      const row = rowOf({ extent: 'tokens' }, pattern, 1, query);
      expect(row).toHaveLength(query + 1);
      const index = indexOf({ extent: 'tokens' }, pattern, 1, query, query);
      expect(index).toEqual([1, query, query]);
      expect(row[query]).toBe(entry(pattern, index));
    }
  });

  test('of all heads names the head and the place in it', () => {
    const z = counting(T, H, D);
    expect(indexOf({ extent: 'width' }, z, 0, 2, 0)).toEqual([2, 0, 0]);
    expect(indexOf({ extent: 'width' }, z, 0, 2, D)).toEqual([2, 1, 0]);
    expect(indexOf({ extent: 'width' }, z, 0, 2, H * D - 1)).toEqual([2, H - 1, D - 1]);
    // Whichever head is selected.
    expect(indexOf({ extent: 'width' }, z, 2, 2, 5)).toEqual([2, 1, 1]);
  });

  test('is no copy: thousands are drawn', () => {
    const values = counting(T, 8);
    expect(rowOf({ extent: 'width' }, values, 0, 1).buffer).toBe(values.data.buffer);
  });
});

describe('the strongest', () => {
  test('is the largest in absolute value, the first of equals', () => {
    expect(strongestOf([1, -3, 2, 3])).toBe(1);
    expect(strongestOf([0, 0])).toBe(0);
  });

  test.each([
    [192, 40],
    [768, 768],
    [5, 31],
    [1, 1],
    [1600, 7],
  ])('of %d numbers in %d bins: each bin shows one of its own, all are covered', (length, bins) => {
    const row = Float32Array.from({ length }, (_, i) => ((i * 7919) % 1000) - 500);
    let before = 0;
    for (let bin = 0; bin < bins; bin += 1) {
      const at = strongestIn(row, bin, bins);
      expect(at).toBeGreaterThanOrEqual(Math.floor((bin * length) / bins));
      expect(at).toBeLessThan(length);
      expect(at).toBeGreaterThanOrEqual(before - 1);
      before = at;
    }
    if (bins <= length) {
      const shown = Array.from({ length: bins }, (_, bin) => strongestIn(row, bin, bins));
      expect(shown).toContain(strongestOf(row));
    }
  });

  test('has a size; what is no finite number has none', () => {
    expect(largestMagnitude([1, -4, 2])).toBe(4);
    expect(largestMagnitude([-Infinity, NaN, 0.5])).toBe(0.5);
    expect(largestMagnitude([])).toBe(0);
  });
});

describe('statistics', () => {
  test('are those of the definition', () => {
    expect(statisticsOf([1, 2, 3, 4])).toEqual({
      count: 4,
      min: 1,
      max: 4,
      mean: 2.5,
      deviation: Math.sqrt(1.25),
      norm: Math.sqrt(30),
    });
  });

  test('of numbers far from 0 keep their spread', () => {
    const { mean, deviation } = statisticsOf([1e6 + 1, 1e6 + 3]);
    expect([mean, deviation]).toEqual([1e6 + 2, 1]);
  });
});
