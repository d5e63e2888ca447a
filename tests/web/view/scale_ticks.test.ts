import { expect, test } from 'vitest';
import { ticksWithRoom } from '../../../web/src/view/scale_ticks.ts';

const textsOf = (ticks: readonly (readonly [number, string])[], width: number) =>
  ticksWithRoom(
    ticks.map(([at, text]) => ({ at, text })),
    width,
  ).map(({ text }) => text);

const scaled = (inner: number) =>
  [
    [0, '−10.7'],
    [0.5 - inner, '−1.89'],
    [0.5, '0'],
    [0.5 + inner, '1.89'],
    [1, '10.7'],
  ] as const;

test('all are written where there is room, in their order', () => {
  expect(textsOf(scaled(0.21), 280)).toEqual(['−10.7', '−1.89', '0', '1.89', '10.7']);
});

test.each([0.48, 0.4, 0.05, 0.01])('%d from the middle, others lie over them', (inner) => {
  expect(textsOf(scaled(inner), 280)).toEqual(['−10.7', '0', '10.7']);
});

test('what is the same twice is written once', () => {
  const same = [
    [0, '−10.7'],
    [0, '−10.7'],
    [0.5, '0'],
    [1, '10.7'],
    [1, '10.7'],
  ] as const;
  expect(textsOf(same, 280)).toEqual(['−10.7', '0', '10.7']);
});

test('what has room on one side alone is on neither', () => {
  // The sign takes room.
  const texts = scaled(0.21);
  for (let width = 120; width < 280; width += 1) {
    const inner = textsOf(texts, width).filter((text) => text.includes('1.8'));
    expect([0, 2]).toContain(inner.length);
  }
});

test('a narrow scale has its ends and its middle', () => {
  expect(textsOf(scaled(0.21), 120)).toEqual(['−10.7', '0', '10.7']);
});

test('of a head without any score there is one', () => {
  const nothing = [
    [0.5, '0'],
    [0.5, '0'],
    [0.5, '0'],
  ] as const;
  expect(textsOf(nothing, 280)).toEqual(['0']);
});

test('the scale of weights is written whole', () => {
  const weights = [0, 0.01, 0.1, 0.25, 0.5, 1].map((at) => [Math.sqrt(at), String(at)] as const);
  expect(textsOf(weights, 280)).toHaveLength(6);
});
