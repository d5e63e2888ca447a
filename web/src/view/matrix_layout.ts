/** Where the cells of a lower-triangular matrix lie, or of a part of it, and which one is under the pointer. */
import type { Window } from './weight_view.ts';

export interface MatrixLayout {
  tokens: number;
  /** Side of a cell with its gap, in CSS pixels; may be under 1. */
  pitch: number;
  gap: number;
  radius: number;
  /** Side of the whole matrix. */
  size: number;
  /** Whether there is room for the words of all tokens, or only for some positions' numbers. */
  labels: boolean;
  /** Positions are numbered in steps of this where tokens are not labelled. */
  tick: number;
}

export interface Cell {
  query: number;
  key: number;
}

const hatchDistance = 5;
const largestPitch = 46;
const smallestGapPitch = 6;
const smallestLabelledPitch = 13;
const smallestTickDistance = 26;

/** Fits `tokens` x `tokens` cells into a square of `available` CSS pixels on a screen of `density`. */
export function layoutMatrix(tokens: number, available: number, density: number): MatrixLayout {
  const fitted = Math.min(largestPitch, available / Math.max(1, tokens));
  // Whole device pixels keep gaps even. Cells without gaps need them not, and would shrink by half.
  const pitch = fitted >= smallestGapPitch ? Math.floor(fitted * density) / density : fitted;
  const gap = pitch >= 18 ? 2 : pitch >= smallestGapPitch ? 1 : 0;
  return {
    tokens,
    pitch,
    gap,
    radius: pitch >= 18 ? 3 : pitch >= 10 ? 1.5 : 0,
    size: pitch * tokens,
    labels: pitch >= smallestLabelledPitch,
    tick: [8, 16, 32, 64, 128, 256].find((step) => step * pitch >= smallestTickDistance) ?? 512,
  };
}

/** What the cells of a part are counted from. */
const whole = { row: 0, column: 0 };

/**
 * The cell at a point of the matrix; above the diagonal, where a token would look ahead, only where
 * `isSquare`.
 */
export function cellAt(
  { pitch, tokens }: MatrixLayout,
  x: number,
  y: number,
  first = whole,
  isSquare = false,
): Cell | null {
  const [column, row] = [Math.floor(x / pitch), Math.floor(y / pitch)];
  const [query, key] = [first.row + row, first.column + column];
  const inside = column >= 0 && row >= 0 && row < tokens && column < tokens;
  return inside && (isSquare || key <= query) ? { query, key } : null;
}

/** The columns of a part that a row of it has cells in: from its first on, so many. */
export const cellsInRow = (query: number, tokens: number, first = whole, isSquare = false) =>
  isSquare ? tokens : Math.max(0, Math.min(tokens, query + 1 - first.column));

/** The entries of [T, T] that are in a part. */
export function partOf(
  colors: Uint32Array,
  tokens: number,
  { row, column, rows, columns }: Window,
): Uint32Array {
  if (rows === tokens) return colors;
  const part = new Uint32Array(rows * columns);
  for (let y = 0; y < rows; y += 1) {
    const start = (row + y) * tokens + column;
    part.set(colors.subarray(start, start + columns), y * columns);
  }
  return part;
}

/** Lines across the cells above the diagonal, as the data of an SVG path. */
export function hatching(layout: MatrixLayout, first = whole): string {
  const { pitch, gap, tokens, size } = layout;
  const lines: string[] = [];
  if (gap > 0) {
    const side = pitch - gap;
    for (let row = 0; row < tokens; row += 1) {
      const from = Math.max(0, first.row + row + 1 - first.column);
      for (let column = from; column < tokens; column += 1) {
        const [x, y] = [column * pitch, row * pitch];
        for (const sum of pitch >= 18 ? [0.5, 1, 1.5] : [1]) {
          const [near, far] = [Math.max(0, sum - 1) * side, Math.min(1, sum) * side];
          lines.push(`M${x + near} ${y + far}L${x + far} ${y + near}`);
        }
      }
    }
    return lines.join('');
  }
  // The diagonal lies where x - y is this; the lines begin a cell above it.
  const diagonal = (first.row + 1 - first.column) * pitch;
  for (let sum = hatchDistance; sum < 2 * size; sum += hatchDistance) {
    const x = Math.max((sum + diagonal) / 2, sum - size);
    const end = Math.min(sum, size);
    if (x < end) lines.push(`M${x} ${sum - x}L${end} ${sum - end}`);
  }
  return lines.join('');
}

/** The cell that a key press leads to; the same one where the key is none of ours. */
export function moveCell(
  { query, key }: Cell,
  pressed: string,
  tokens: number,
  isSquare = false,
): Cell {
  const last = tokens - 1;
  const lastOf = (row: number) => (isSquare ? last : row);
  const to = (nextQuery: number, nextKey: number): Cell => {
    const q = Math.min(last, Math.max(0, nextQuery));
    return { query: q, key: Math.min(lastOf(q), Math.max(0, nextKey)) };
  };
  switch (pressed) {
    case 'ArrowUp':
      return to(isSquare ? query - 1 : Math.max(query - 1, key), key);
    case 'ArrowDown':
      return to(query + 1, key);
    case 'ArrowLeft':
      return to(query, key - 1);
    case 'ArrowRight':
      return to(query, key + 1);
    case 'Home':
      return to(query, 0);
    case 'End':
      return to(query, lastOf(query));
    case 'PageUp':
      return to(0, 0);
    case 'PageDown':
      return to(last, key);
    default:
      return { query, key };
  }
}
