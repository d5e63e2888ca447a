import { expect, test } from 'vitest';
import { curveThrough } from '../../../web/src/view/curve.ts';

const x = [2.4, -1.1, 0.9, 0.1, 0.6, -7, 3];
const y = x.map((value) => 10 * value);

test('of each step a curve has the point nearest to its middle, from left to right', () => {
  // Steps of one: from -2, -1, 0, 1 and 2 on.
  expect(curveThrough(x, y, [-2, 3], 5)).toEqual([
    [-1.1, -11],
    [0.6, 6],
    [2.4, 24],
  ]);
});

test('it has no point that is not among those given, and none where none are given', () => {
  expect(curveThrough(x, y, [-10, 10], 1000)).toHaveLength(x.length);
  expect(curveThrough([], [], [0, 1], 10)).toEqual([]);
  expect(curveThrough([NaN, 5], [0, 0], [0, 1], 10)).toEqual([]);
});
