/**
 * The page's two scales: a sequential one of probabilities, light to dark or dark to light by theme,
 * and a diverging one of signed numbers.
 */
import { labScale } from './lab.ts';

export type Theme = 'light' | 'dark';
export type Rgb = readonly [red: number, green: number, blue: number];

/** From 0 to 1; neighbours are about equally far apart in CIELAB lightness. */
const stops: Record<Theme, string[]> = {
  light: ['#f0f3f2', '#c5dfdd', '#87bfc0', '#459aa0', '#14737c', '#064650'],
  dark: ['#1b242d', '#17424c', '#1d6670', '#3d8f96', '#79bfbd', '#d9f5ee'],
};

/** Negative, nothing, positive: blue and red-orange, which no common colour blindness confuses. */
const signedStops: Record<Theme, string[]> = {
  light: ['#1a4788', '#5a8cc8', '#bcd3e9', '#f4f4f0', '#f4cdb4', '#dc8250', '#93350d'],
  dark: ['#b5d8fb', '#5890cf', '#274a73', '#1b232c', '#693a2a', '#cf7443', '#fcceaa'],
};

const steps = 256;

/** The step of a scale at a position from 0 to 1. Math.round, which thinks of more than that, takes twice as long. */
const stepAt = (position: number) => (position * (steps - 1) + 0.5) | 0;

/** As ImageData holds it: every platform with a browser is little-endian, the first byte is the lowest. */
export const packed = ([red, green, blue]: Rgb): number =>
  ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** The colours of a scale, and the same as ImageData holds them. */
interface Tables {
  colors: readonly Rgb[];
  packed: Uint32Array;
}

const tablesFrom = (colors: Rgb[]): Tables => ({
  colors,
  packed: Uint32Array.from(colors, packed),
});

/** The tables of each theme; worked out when it is first shown, which takes milliseconds. */
function tablesOf(stopsOf: Record<Theme, string[]>): (theme: Theme) => Tables {
  const made: Partial<Record<Theme, Tables>> = {};
  return (theme) => (made[theme] ??= tablesFrom(labScale(stopsOf[theme], steps)));
}

const tables = tablesOf(stops);
const signedTables = tablesOf(signedStops);

/**
 * Where a probability lies on the colour scale: its square root. Weights spread over many tokens are
 * all small; on a linear scale they would look alike. The legend shows the same scale.
 */
export const colorPosition = (probability: number) =>
  Math.sqrt(Math.min(1, Math.max(0, probability)));

/** The colour at a position from 0 to 1 of the scale; of what is no number, that of 0. */
export const colorAtPosition = (position: number, theme: Theme): Rgb =>
  tables(theme).colors[stepAt(Math.min(1, Math.max(0, position || 0)))]!;

export const probabilityColor = (probability: number, theme: Theme): Rgb =>
  colorAtPosition(colorPosition(probability), theme);

/**
 * Where a signed number lies on its scale, from 0 to 1 with zero at 0.5: the square root of its share
 * of `limit`, so that a few large numbers do not make all others look alike.
 */
export function signedPosition(value: number, limit: number): number {
  if (!(limit > 0) || Number.isNaN(value)) return 0.5;
  const root = Math.sqrt(Math.min(1, Math.abs(value) / limit));
  return 0.5 + (value < 0 ? -0.5 : 0.5) * root;
}

/** The colour at a position from 0 to 1 of the diverging scale. */
export const signedAtPosition = (position: number, theme: Theme): Rgb =>
  signedTables(theme).colors[stepAt(position)]!;

export const signedColor = (value: number, limit: number, theme: Theme): Rgb =>
  signedAtPosition(signedPosition(value, limit), theme);

/** The same as `packed(probabilityColor(...))`, for those who paint many. */
export const packedProbabilityColor = (probability: number, theme: Theme): number =>
  tables(theme).packed[stepAt(colorPosition(probability) || 0)]!;

/** The same as `packed(signedColor(...))`. */
export const packedSignedColor = (value: number, limit: number, theme: Theme): number =>
  signedTables(theme).packed[stepAt(signedPosition(value, limit))]!;

/** What is masked is neither negative nor positive: the colour of sunken ground. */
export const maskedColor: Record<Theme, Rgb> = { light: [241, 242, 238], dark: [26, 34, 43] };

/** Colours on their way from others; what comes from nothing, or goes, keeps its hue. */
export function mixed(from: Uint32Array, to: Uint32Array, share: number): Uint32Array {
  const result = new Uint32Array(to.length);
  const [a, b, c] = [from, to, result].map(({ buffer }) => new Uint8ClampedArray(buffer));
  for (let i = 0; i < result.length; i += 1) {
    if (from[i] === to[i]) {
      result[i] = to[i]!;
      continue;
    }
    for (let at = 4 * i; at < 4 * i + 4; at += 1) {
      const alone = at % 4 < 3 && (from[i] === 0 || to[i] === 0);
      c![at] = alone ? a![at]! + b![at]! : a![at]! + (b![at]! - a![at]!) * share;
    }
  }
  return result;
}

export const css = ([red, green, blue]: Rgb) => `rgb(${red} ${green} ${blue})`;

/** A scale from left to right, for a style sheet. */
export function scaleGradient(
  theme: Theme,
  { isSigned = false, reversed = false }: { isSigned?: boolean; reversed?: boolean },
): string {
  const colors = Array.from({ length: 17 }, (_, i) =>
    css((isSigned ? signedAtPosition : colorAtPosition)(reversed ? 1 - i / 16 : i / 16, theme)),
  );
  return `linear-gradient(to right, ${colors.join(', ')})`;
}

/** Relative luminance, WCAG 2.2. */
export function luminance(color: Rgb): number {
  const [r, g, b] = color.map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const darkInk: Rgb = [0, 0, 0];
const lightInk: Rgb = [255, 255, 255];

/** The ink that reads best on a colour of the scale. */
export const inkOn = (color: Rgb): Rgb =>
  contrast(color, darkInk) >= contrast(color, lightInk) ? darkInk : lightInk;
