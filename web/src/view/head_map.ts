/** The grid of all blocks and heads, and the numbers that colour it. */
import type { LogitAttribution } from 'glassformer';
import { attentionSpread, type Pattern } from './attention.ts';
import { colorAtPosition, type Rgb, signedColor, type Theme } from './color.ts';
import { largestMagnitude, statisticsOf } from './flow/vectors.ts';

export const mapMeasures = ['pattern', 'spread', 'strength', 'contribution'] as const;
export type MapMeasure = (typeof mapMeasures)[number];
/** Those that are a number a head. */
export type NumberMeasure = Exclude<MapMeasure, 'pattern'>;

export const isMapMeasure = (text: string | null): text is MapMeasure =>
  (mapMeasures as readonly (string | null)[]).includes(text);

/** A number for each head, block after block; NaN where there is none. */
export interface MeasuredHeads {
  readonly measure: NumberMeasure;
  /** Of the run that was measured. */
  readonly ids: readonly number[];
  readonly values: readonly number[];
  /** The token whose logit the heads contribute to. */
  readonly token: number | null;
}

/** How evenly each head of a block spreads its attention. */
export const spreadsOf = (pattern: Pattern | undefined, heads: number): number[] =>
  Array.from({ length: heads }, (_, head) => (pattern ? attentionSpread(pattern, head) : NaN));

/**
 * How much each head of a block writes into the residual stream at a position: the Euclidean length of
 * its row of `attn.hook_result`, here [1, H, C] or [H, C].
 */
export const strengthsOf = ({ data }: { data: Float32Array }, heads: number): number[] =>
  Array.from({ length: heads }, (_, head) => {
    const width = data.length / heads;
    return statisticsOf(data.subarray(head * width, (head + 1) * width)).norm;
  });

/** The heads' terms of a logit; embeddings, MLPs and biases have no place on the map. */
export function contributionsOf(
  { terms }: Pick<LogitAttribution, 'terms'>,
  blocks: number,
  heads: number,
): number[] {
  const values = new Array<number>(blocks * heads).fill(NaN);
  for (const { kind, block, head, value } of terms) {
    if (kind === 'head') values[block! * heads + head!] = value;
  }
  return values;
}

/** The number that has the full colour: a spread knows its largest, others are compared among themselves. */
export const mapLimit = ({ measure, values }: Pick<MeasuredHeads, 'measure' | 'values'>): number =>
  measure === 'spread' ? 1 : largestMagnitude(values);

export function mapColor(measure: NumberMeasure, value: number, limit: number, theme: Theme): Rgb {
  if (measure === 'contribution') return signedColor(value, limit, theme);
  // The more focused a head, the stronger its colour.
  if (measure === 'spread') return colorAtPosition(1 - value, theme);
  return colorAtPosition(limit > 0 ? value / limit : 0, theme);
}

/** Room for the numbers of the blocks. */
const margin = 22;
const [smallest, largest] = [4, 48];
/** Where squares are this far apart, there is room for the number of each beside them. */
const roomy = 16;

/** Squares of the map, and what lies between them, so that all heads fit into `width` CSS pixels. */
export function mapCells(width: number, heads: number): { size: number; gap: number } {
  if (width <= 0) return { size: 0, gap: 0 };
  const pitch = Math.floor((width - margin) / heads);
  const gap = pitch >= roomy ? 5 : 2;
  return { size: Math.min(largest, Math.max(smallest, pitch - gap)), gap };
}

/** Whether a block or a head of the map has its number written: the one that is selected, and as many as fit. */
export const isNumbered = (place: number, selected: number, pitch: number): boolean =>
  pitch >= roomy || place === selected || (place % 5 === 0 && Math.abs(place - selected) > 2);

/**
 * The map in a toolbar: how far apart its squares are, so that the longer side of the grid takes about
 * `side` CSS pixels, but no square vanishes.
 */
export const compactPitch = (side: number, blocks: number, heads: number): number =>
  Math.max(2, Math.min(16, Math.floor(side / Math.max(blocks, heads))));

/** The square under a point; between squares, the one before. */
export function cellInMap(
  x: number,
  y: number,
  pitch: number,
  blocks: number,
  heads: number,
): { block: number; head: number } | null {
  const [block, head] = [Math.floor(y / pitch), Math.floor(x / pitch)];
  return block >= 0 && block < blocks && head >= 0 && head < heads ? { block, head } : null;
}

/** Where a key press leads in the grid; nothing where it is none of ours. */
export function moveInMap(
  { block, head }: { block: number; head: number },
  pressed: string,
  blocks: number,
  heads: number,
): { block: number; head: number } | null {
  const within = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
  switch (pressed) {
    case 'ArrowUp':
      return { block: within(block - 1, blocks), head };
    case 'ArrowDown':
      return { block: within(block + 1, blocks), head };
    case 'ArrowLeft':
      return { block, head: within(head - 1, heads) };
    case 'ArrowRight':
      return { block, head: within(head + 1, heads) };
    case 'Home':
      return { block, head: 0 };
    case 'End':
      return { block, head: heads - 1 };
    default:
      return null;
  }
}
