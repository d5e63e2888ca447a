import { describe, expect, test } from 'vitest';
import {
  colorAtPosition,
  colorPosition,
  contrast,
  inkOn,
  luminance,
  mixed,
  packed,
  packedProbabilityColor,
  packedSignedColor,
  probabilityColor,
  signedColor,
} from '../../../web/src/view/color.ts';

const themes = ['light', 'dark'] as const;
const positions = Array.from({ length: 51 }, (_, i) => i / 50);

describe.each(themes)('the scale of probabilities in the %s theme', (theme) => {
  test('gets steadily stronger', () => {
    const sign = theme === 'light' ? -1 : 1;
    const values = positions.map((position) => sign * luminance(colorAtPosition(position, theme)));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBe(values.length);
  });

  test('can be written on, everywhere', () => {
    for (const position of positions) {
      const color = colorAtPosition(position, theme);
      expect(contrast(color, inkOn(color)), String(position)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('takes what lies outside as its ends', () => {
    expect(probabilityColor(-1, theme)).toEqual(colorAtPosition(0, theme));
    expect(probabilityColor(1.0000001, theme)).toEqual(colorAtPosition(1, theme));
    expect(probabilityColor(NaN, theme)).toEqual(colorAtPosition(0, theme));
  });
});

test('the scale is a square root, as its legend says', () => {
  expect(colorPosition(0.25)).toBe(0.5);
});

test('contrast of black and white is 21', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
});

test.each(themes)('packed colours are those of the scales in the %s theme', (theme) => {
  for (const value of [0, 1e-6, 0.3, 1, 2, -0.4, NaN, Infinity, -Infinity]) {
    expect(packedProbabilityColor(value, theme)).toBe(packed(probabilityColor(value, theme)));
    for (const limit of [0, 1, 3]) {
      expect(packedSignedColor(value, limit, theme)).toBe(packed(signedColor(value, limit, theme)));
    }
  }
});

describe('colours on their way', () => {
  const [a, b] = [packed([10, 100, 200]), packed([20, 0, 100])];
  const mix = (from: number, to: number, share: number) =>
    mixed(Uint32Array.of(from), Uint32Array.of(to), share)[0];

  test('begin with the old and end with the new', () => {
    expect(mix(a, b, 0)).toBe(a);
    expect(mix(a, b, 1)).toBe(b);
    expect(mix(a, b, 0.5)).toBe(packed([15, 50, 150]));
  });
  test('keep their hue where they come from nothing or go', () => {
    const half = ((128 << 24) | (packed([10, 100, 200]) & 0xffffff)) >>> 0;
    expect(mix(0, a, 0.5)).toBe(half);
    expect(mix(a, 0, 0.5)).toBe(half);
    expect(mix(a, 0, 1)! >>> 24).toBe(0);
  });
});

/**
 * What is seen without one kind of cones: Machado, Oliveira and Fernandes 2009, "A physiologically-based
 * model for simulation of color vision deficiency", severity 1, on linear light.
 */
const colorBlindness = {
  'long waves': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'middle waves': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'short waves': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const linear = (channel: number) =>
  channel <= 10.31475 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4;

/** CIE L*a*b* under D65 of linear red, green and blue. */
function labOf([r, g, b]: number[]): number[] {
  const clipped = [r, g, b].map((channel) => Math.min(1, Math.max(0, channel!)));
  const [x, y, z] = [
    [0.412456 / 0.95047, 0.357576 / 0.95047, 0.180438 / 0.95047],
    [0.212673, 0.715152, 0.072175],
    [0.019334 / 1.08883, 0.119192 / 1.08883, 0.950304 / 1.08883],
  ].map((weights) => {
    const t = weights.reduce((sum, weight, i) => sum + weight * clipped[i]!, 0);
    return t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116;
  });
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)];
}

describe.each(themes)('the scale of signed values in the %s theme', (theme) => {
  test.each(Object.entries(colorBlindness))('tells signs apart without %s', (_name, matrix) => {
    const seen = (value: number) => {
      const light = signedColor(value, 1, theme).map(linear);
      return labOf(
        matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * light[i]!, 0)),
      );
    };
    for (const size of positions.filter((position) => position >= 0.1)) {
      const [minus, plus] = [seen(-size), seen(size)];
      // Two is what a trained eye just tells apart, side by side.
      const difference = Math.hypot(...minus.map((part, i) => part - plus[i]!));
      expect(difference, String(size)).toBeGreaterThan(10);
    }
  });
});
