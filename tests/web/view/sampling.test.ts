import { describe, expect, test } from 'vitest';
import { fitOf } from '../../../web/src/view/prompt.ts';
import { topKAt, topKPosition } from '../../../web/src/view/sampling.ts';

describe('the slider of top-k', () => {
  test('goes from one token to all', () => {
    expect(topKAt(0, 100, 4096)).toBe(1);
    expect(topKAt(100, 100, 4096)).toBe(0);
  });
  test('never goes back', () => {
    const values = Array.from({ length: 100 }, (_, position) => topKAt(position, 100, 50257));
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });
  test.each([1, 5, 40, 1000])('stands where %d is', (topK) => {
    const position = topKPosition(topK, 100, 4096);
    expect(topKAt(position, 100, 4096) / topK).toBeCloseTo(1, 0);
  });
  test('stands at the end for all, and for more than there are', () => {
    expect(topKPosition(0, 100, 4096)).toBe(100);
    expect(topKPosition(5000, 100, 4096)).toBe(100);
  });
});

describe('a text', () => {
  test.each([
    [0, 'empty'],
    [1, 'fits'],
    [255, 'fits'],
    [256, 'full'],
    [257, 'too-long'],
  ])('of %d tokens, in a context of 256, is %s', (tokens, fit) => {
    expect(fitOf(tokens, 256)).toBe(fit);
  });
});
