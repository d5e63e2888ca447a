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

/** As little further as brings an entry into view. */
export function follow(
  window: Window,
  { row, column }: { row: number; column: number },
  rows: number,
  columns: number,
): Window {
  const by = (at: number, from: number, count: number) =>
    Math.min(0, at - from) + Math.max(0, at - from - count + 1);
  const down = by(row, window.row, window.rows);
  const across = by(column, window.column, window.columns);
  return down === 0 && across === 0
    ? window
    : panned(window, { rows: down, columns: across }, rows, columns);
}
