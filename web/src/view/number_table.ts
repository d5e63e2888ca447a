/** Matrices as tables, for those who hear them: a row of attention, a part of a weight. */
import { type AttentionStage, dotProductsName, patternName, scoresName } from './attention.ts';
import { significant, weight } from './numbers.ts';
import type { Window } from './weight_view.ts';

export interface TableNumber {
  readonly text: string;
  /** Where it comes from, as data attributes. */
  readonly source: Readonly<Record<string, string>>;
  /** Whether it is the one that is looked at. */
  readonly isHere?: boolean;
}

/** A row of a table, headed by its number, or its name, and, where it has one, its token. */
export interface TableRow {
  readonly place: number;
  readonly name?: string;
  readonly token?: Uint8Array;
  readonly numbers: readonly TableNumber[];
  /** Whether all of it is looked at. */
  readonly isHere?: boolean;
}

const entryOf = (name: string, index: string) => ({ 'data-tensor': name, 'data-index': index });

/** How many rows, and how many columns, of a weight are a table at a time. */
const side = 8;

/** The page that an entry is on, where a matrix is cut into pages of `side` by `side` entries. */
export function pageOf(
  { row, column }: { row: number; column: number },
  rows: number,
  columns: number,
): Window {
  const [top, left] = [row - (row % side), column - (column % side)];
  return {
    row: top,
    column: left,
    rows: Math.min(side, rows - top),
    columns: Math.min(side, columns - left),
  };
}

/** The rows of a page of a weight [.., `columns`]. */
export function pageRows(
  name: string,
  data: Float32Array,
  columns: number,
  page: Window,
  at: { row: number; column: number },
): TableRow[] {
  return Array.from({ length: page.rows }, (_, down) => {
    const place = page.row + down;
    const numbers = Array.from({ length: page.columns }, (_, across) => {
      const column = page.column + across;
      return {
        text: significant(data[place * columns + column]!),
        source: entryOf(name, `${place}, ${column}`),
        isHere: place === at.row && column === at.column,
      };
    });
    return { place, numbers };
  });
}

/** What a row of a head's matrix is told from; each of the arrays has a number for every key. */
export interface AttentionRow {
  readonly stage: AttentionStage;
  readonly block: number;
  readonly head: number;
  readonly query: number;
  readonly key: number;
  readonly tokens: readonly Uint8Array[];
  /** Scaled and masked, as the model has them; null where nobody asked for them. */
  readonly scores: Float32Array | null;
  /** Before the scaling; null where nobody asked for them. */
  readonly products: Float32Array | null;
  readonly weights: Float32Array;
  /** Of the scores less their maximum; null while they are worked out. */
  readonly exponentials: readonly number[] | null;
}

/** A row for each key: those that the query sees, and of the mask the others too. */
export function attentionRows(row: AttentionRow): TableRow[] {
  const { stage, block, head, query, tokens, scores, weights, exponentials } = row;
  const shown = stage === 'mask' ? tokens : tokens.slice(0, query + 1);
  return shown.map((token, key) => {
    const index = `${head}, ${query}, ${key}`;
    const cell = (of: string, path: string) => ({
      'data-source': 'cell',
      'data-of': of,
      'data-from': index,
      'data-path': path,
    });
    const entries = (values: Float32Array | null, name: string) =>
      values ? [{ text: significant(values[key]!), source: entryOf(name, index) }] : [];
    const products = entries(row.products, dotProductsName(block));
    const scaled = entries(scores, scoresName(block));
    const softmax = () => [
      {
        text: exponentials ? significant(exponentials[key]!) : '',
        source: cell(patternName(block), 'exp'),
      },
      { text: weight(weights[key]!), source: entryOf(patternName(block), index) },
    ];
    const numbers = {
      scores: () => products,
      scale: () => [...products, ...scaled],
      mask: () => scaled,
      softmax: () => [...scaled, ...softmax()],
    }[stage]();
    return { place: key, token, numbers, isHere: key === row.key };
  });
}

/** What a token sees, of a head's [T, T]: the entries on and below the diagonal, row by row. */
export function seenOf(values: Float32Array, tokens: number): Float32Array {
  const seen = new Float32Array((tokens * (tokens + 1)) / 2);
  for (let query = 0; query < tokens; query += 1) {
    const start = query * tokens;
    seen.set(values.subarray(start, start + query + 1), (query * (query + 1)) / 2);
  }
  return seen;
}
