/** What a matrix of weights is made of: a head's part of it, and the window that shows a part. */
import type { Window } from './weight_view.ts';

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
