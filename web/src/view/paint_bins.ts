/** Painting of matrices and vectors that may have more numbers than the screen has pixels. */
import { packedSignedColor, type Theme } from './color.ts';
import { blankPixels } from './paint.ts';
import type { Window } from './weight_view.ts';

/** The entries that share a pixel are shown by the one with the largest absolute value. */
export function binned(
  data: Float32Array,
  columns: number,
  window: Window,
  height: number,
  width: number,
): Float32Array {
  const bins = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const top = window.row + Math.floor((y * window.rows) / height);
    const bottom = Math.max(top + 1, window.row + Math.floor(((y + 1) * window.rows) / height));
    for (let x = 0; x < width; x += 1) {
      const left = window.column + Math.floor((x * window.columns) / width);
      const right = Math.max(
        left + 1,
        window.column + Math.floor(((x + 1) * window.columns) / width),
      );
      let strongest = 0;
      for (let row = top; row < bottom; row += 1) {
        for (let column = left; column < right; column += 1) {
          const value = data[row * columns + column]!;
          if (Math.abs(value) > Math.abs(strongest)) strongest = value;
        }
      }
      bins[y * width + x] = strongest;
    }
  }
  return bins;
}

/**
 * What is in the window of rows of `columns` numbers each, over the whole canvas; the last row may be
 * shorter. `limit`: the number that has the full colour.
 */
export function paintBins(
  context: CanvasRenderingContext2D,
  data: Float32Array,
  columns: number,
  window: Window,
  limit: number,
  theme: Theme,
): void {
  const { width, height, pixels, put } = blankPixels(context);
  const bins = binned(data, columns, window, height, width);
  for (let i = 0; i < bins.length; i += 1) {
    pixels[i] = packedSignedColor(bins[i]!, limit, theme);
  }
  put();
}
