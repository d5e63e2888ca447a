/** Where the cells of a lower-triangular matrix lie, and which one is under the pointer. */

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

/** The cell at a point of the matrix; nothing above the diagonal, where a token would look ahead. */
export function cellAt(layout: MatrixLayout, x: number, y: number): Cell | null {
  const key = Math.floor(x / layout.pitch);
  const query = Math.floor(y / layout.pitch);
  const inside = key >= 0 && query >= 0 && query < layout.tokens && key <= query;
  return inside ? { query, key } : null;
}

/** The cell that a key press leads to; the same one where the key is none of ours. */
export function moveCell({ query, key }: Cell, pressed: string, tokens: number): Cell {
  const last = tokens - 1;
  const to = (nextQuery: number, nextKey: number): Cell => {
    const q = Math.min(last, Math.max(0, nextQuery));
    return { query: q, key: Math.min(q, Math.max(0, nextKey)) };
  };
  switch (pressed) {
    case 'ArrowUp':
      return to(Math.max(query - 1, key), key);
    case 'ArrowDown':
      return to(query + 1, key);
    case 'ArrowLeft':
      return to(query, key - 1);
    case 'ArrowRight':
      return to(query, key + 1);
    case 'Home':
      return to(query, 0);
    case 'End':
      return to(query, query);
    case 'PageUp':
      return to(0, 0);
    case 'PageDown':
      return to(last, key);
    default:
      return { query, key };
  }
}
