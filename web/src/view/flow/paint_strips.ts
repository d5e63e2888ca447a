/** Paints strips: rows of numbers as rows of coloured pixels. */
import { packedProbabilityColor, packedSignedColor, type Theme } from '../color.ts';
import { blankPixels } from '../paint.ts';
import { type FlowLayout, rowTop } from './layout.ts';
import { type Station, stationOf, type StationId } from './stations.ts';
import { largestShown, rowOf, strongestBetween, type Values } from './vectors.ts';

/** Where the numbers come from. */
export interface StripSource {
  /** Null until the model has been asked for it. */
  readonly valuesOf: (station: StationId) => Values | null;
  readonly head: number;
}

type Colored = Pick<Station, 'role'>;

const colorOf = ({ role }: Colored, value: number, limit: number, theme: Theme): number =>
  role === 'probability'
    ? packedProbabilityColor(value, theme)
    : packedSignedColor(value, limit, theme);

/**
 * Writes the colours of a row of numbers to `into` from `start` on, over `pixels` pixels. Where numbers
 * outnumber these, a pixel is the number that `strongestIn` says.
 */
function writeColors(
  into: Uint32Array,
  start: number,
  pixels: number,
  station: Colored,
  row: ArrayLike<number>,
  limit: number,
  theme: Theme,
): void {
  const { length } = row;
  let color = 0;
  // Pixel p begins at number floor(p * length / pixels), which is counted up to: `rest` is what remains.
  for (let pixel = 0, begin = 0, from = -1, rest = 0; pixel < pixels; pixel += 1) {
    let next = begin;
    for (rest += length; rest >= pixels; rest -= pixels) next += 1;
    // Several pixels of one number have its colour.
    if (begin !== from) {
      color = colorOf(station, row[strongestBetween(row, begin, next)]!, limit, theme);
      from = begin;
    }
    into[start + pixel] = color;
    begin = next;
  }
}

/** Colours of a row of numbers over `pixels` pixels; where numbers outnumber them, the largest of each. */
export function stripColors(
  station: Colored,
  row: ArrayLike<number>,
  pixels: number,
  limit: number,
  theme: Theme,
): Uint32Array {
  const colors = new Uint32Array(pixels);
  writeColors(colors, 0, pixels, station, row, limit, theme);
  return colors;
}

/** All strips of all rows. */
export function paintStrips(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  source: StripSource,
  theme: Theme,
  density: number,
): void {
  const { width, height, pixels, put } = blankPixels(context);
  const { first, end } = layout;
  const strips = layout.columns.flatMap(({ id, x, width }) => {
    const values = source.valuesOf(id);
    if (!values) return [];
    const station = stationOf(id);
    const limit = largestShown(station, values, source.head, layout).size;
    const [left, across] = [Math.round(x * density), Math.max(1, Math.round(width * density))];
    return [{ station, values, limit, left, across }];
  });
  for (let position = first; position < end; position += 1) {
    const start = rowTop(layout, position) + layout.parts.strip.top;
    const top = Math.round(start * density);
    const below = Math.round((start + layout.parts.strip.height) * density);
    const bottom = Math.min(height, Math.max(top + 1, below));
    if (top >= bottom) continue;
    for (const { station, values, limit, left, across } of strips) {
      const row = rowOf(station, values, source.head, position);
      const begin = top * width + left;
      if (station.extent !== 'tokens') {
        writeColors(pixels, begin, across, station, row, limit, theme);
        continue;
      }
      // A row of weights ends at its own token: each key has a column, seen or not.
      const shown = row.subarray(first);
      const seen = Math.max(1, Math.round((across * shown.length) / (end - first)));
      writeColors(pixels, begin, seen, station, shown, limit, theme);
      // Where there is room, the weights stand apart, as in the matrix itself.
      if (seen / shown.length < 8 * density) continue;
      for (let key = 1; key <= shown.length; key += 1) {
        const next = begin + Math.round((key * seen) / shown.length);
        pixels.fill(0, next - Math.max(1, Math.round(density)), next);
      }
    }
    // All strips of a row are as high, and each line of pixels as the first.
    for (let y = top + 1; y < bottom; y += 1) {
      pixels.copyWithin(y * width, top * width, (top + 1) * width);
    }
  }
  put();
}
