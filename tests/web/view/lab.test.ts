import { interpolateLab, piecewise } from 'd3-interpolate';
import { expect, test } from 'vitest';
import { labScale } from '../../../web/src/view/lab.ts';

const referenceOf = (stops: string[], count: number) => {
  const scale = piecewise(interpolateLab, stops);
  return Array.from({ length: count }, (_, i) =>
    scale(i / (count - 1))
      .match(/\d+/g)!
      .map(Number),
  );
};

test.each([
  ['black to white', ['#000000', '#ffffff']],
  ['the strongest colours', ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#00ffff', '#ff00ff']],
  ['steps that differ little', ['#f0f3f2', '#c5dfdd', '#87bfc0']],
])('%s are what D3 makes of them', (_, stops) => {
  const scale = labScale(stops, 101);
  const reference = referenceOf(stops, 101);
  for (const [place, color] of scale.entries()) {
    for (const [channel, value] of color.entries()) {
      // Rounding may fall to either side.
      expect(Math.abs(value - reference[place]![channel]!)).toBeLessThanOrEqual(1);
    }
  }
});

test('begins and ends with its stops', () => {
  expect(labScale(['#1a4788', '#93350d'], 5).at(0)).toEqual([0x1a, 0x47, 0x88]);
  expect(labScale(['#1a4788', '#93350d'], 5).at(-1)).toEqual([0x93, 0x35, 0x0d]);
});
