/** A window on a matrix that may have more entries than the screen has pixels. */

export interface Window {
  /** The first row and column in sight; whole ones only. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** The whole matrix, or as much of it as has at least two pixels for three entries. */
export const wholeWindow = (rows: number, columns: number): Window => ({
  row: 0,
  column: 0,
  rows,
  columns,
});

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Closer (`factor` > 1) or further away, with the entry at `at` staying where it is. */
export function zoomed(
  window: Window,
  factor: number,
  at: { row: number; column: number },
  rows: number,
  columns: number,
): Window {
  const size = (now: number, all: number) =>
    clamp(Math.round(now / factor), Math.min(all, smallest), all);
  const [nextRows, nextColumns] = [size(window.rows, rows), size(window.columns, columns)];
  const start = (from: number, now: number, next: number, place: number, all: number) =>
    clamp(Math.round(place - ((place - from) * next) / now), 0, all - next);
  return {
    row: start(window.row, window.rows, nextRows, at.row, rows),
    column: start(window.column, window.columns, nextColumns, at.column, columns),
    rows: nextRows,
    columns: nextColumns,
  };
}

const smallest = 12;

export function panned(
  window: Window,
  by: { rows: number; columns: number },
  rows: number,
  columns: number,
): Window {
  return {
    ...window,
    row: clamp(window.row + by.rows, 0, rows - window.rows),
    column: clamp(window.column + by.columns, 0, columns - window.columns),
  };
}

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
