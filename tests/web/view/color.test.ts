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
