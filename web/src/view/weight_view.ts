/** A window on a matrix that may have more entries than the screen has pixels. */

export interface Window {
  /** The first row and column in sight; whole ones only. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** The whole matrix. */
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
  // What is narrower already, as a small head is, stays so.
  const size = (now: number, all: number) =>
    clamp(Math.round(now / factor), Math.min(now, smallest), all);
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

/** Rows or columns of a matrix that belong together. */
export interface Range {
  readonly axis: 'row' | 'column';
  readonly from: number;
  readonly to: number;
}

/** What a matrix of attention is made of, and which part of that is the head's. */
export interface MatrixPart {
  /** As TransformerLens calls it: W_Q. */
  readonly symbol: string;
  readonly role: 'query' | 'key' | 'value';
  /** Null where it is all of the matrix. */
  readonly range: Range | null;
  readonly head: Range;
}

export function partsOfMatrix(
  name: string,
  head: number,
  { n_embd, head_width }: { n_embd: number; head_width: number },
): MatrixPart[] {
  const start = head * head_width;
  if (name.endsWith('attn.c_proj.weight')) {
    const own: Range = { axis: 'row', from: start, to: start + head_width };
    return [{ symbol: 'W_O', role: 'value', range: null, head: own }];
  }
  if (!name.endsWith('attn.c_attn.weight')) return [];
  const thirds = [
    ['W_Q', 'query'],
    ['W_K', 'key'],
    ['W_V', 'value'],
  ] as const;
  return thirds.map(([symbol, role], place) => {
    const from = place * n_embd;
    const own = { axis: 'column', from: from + start, to: from + start + head_width } as const;
    return { symbol, role, range: { axis: 'column', from, to: from + n_embd }, head: own };
  });
}

/** The window that shows a range, and all there is on the other axis. */
export const windowOn = ({ axis, from, to }: Range, rows: number, columns: number): Window =>
  axis === 'row'
    ? { row: from, rows: to - from, column: 0, columns }
    : { row: 0, rows, column: from, columns: to - from };

/** Where in the window a range lies, in shares of the window's extent; null where it is out of sight. */
export function placeIn(
  window: Window,
  { axis, from, to }: Range,
): { start: number; extent: number } | null {
  const [first, count] =
    axis === 'row' ? [window.row, window.rows] : [window.column, window.columns];
  const start = Math.max(from, first);
  const end = Math.min(to, first + count);
  return start < end ? { start: (start - first) / count, extent: (end - start) / count } : null;
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
