/**
 * Views of attention patterns. A pattern is a tensor [H, T, T]: head, query, key; each row sums to 1
 * and is 0 where the key comes after the query.
 */
import { packed, type Rgb } from './color.ts';

export interface Pattern {
  heads: number;
  tokens: number;
  /** heads * tokens * tokens numbers. */
  data: Float32Array;
}

/** The weights of one query over all keys. */
export function patternRow(pattern: Pattern, head: number, query: number): Float32Array {
  const start = (head * pattern.tokens + query) * pattern.tokens;
  return pattern.data.subarray(start, start + pattern.tokens);
}

/** One head: [T, T]. */
export function patternOfHead(pattern: Pattern, head: number): Float32Array {
  const size = pattern.tokens * pattern.tokens;
  return pattern.data.subarray(head * size, (head + 1) * size);
}

/** Shannon entropy in bits. */
export function entropy(weights: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) {
    const p = weights[i]!;
    if (p > 0) sum -= p * Math.log2(p);
  }
  return sum;
}

/**
 * How evenly a head spreads its attention: the entropy of each row over the largest that the row can
 * have (log2 of the tokens it may look at), averaged over the rows that have a choice. 0: every token
 * looks at one token only; 1: at all equally. NaN where no row has a choice.
 */
export function attentionSpread(pattern: Pattern, head: number): number {
  let sum = 0;
  for (let query = 1; query < pattern.tokens; query += 1) {
    sum += entropy(patternRow(pattern, head, query).subarray(0, query + 1)) / Math.log2(query + 1);
  }
  return pattern.tokens > 1 ? sum / (pattern.tokens - 1) : NaN;
}

/** The key that a query looks at most. */
export function strongestKey(row: Float32Array, query: number): number {
  let best = 0;
  for (let key = 1; key <= query; key += 1) if (row[key]! > row[best]!) best = key;
  return best;
}

/**
 * One head in a small square of `size` x `size`: each cell is the largest weight among those that
 * fall into it, so that a single bright cell stays visible. NaN above the diagonal.
 */
export function thumbnail(pattern: Pattern, head: number, size: number): Float32Array {
  // A pixel ratio such as 1.1 makes sizes that are no whole number of pixels.
  const side = Math.max(1, Math.min(Math.floor(size), pattern.tokens));
  const cells = new Float32Array(side * side).fill(NaN);
  const weights = patternOfHead(pattern, head);
  for (let query = 0; query < pattern.tokens; query += 1) {
    const row = Math.floor((query * side) / pattern.tokens);
    for (let key = 0; key <= query; key += 1) {
      const cell = row * side + Math.floor((key * side) / pattern.tokens);
      const weight = weights[query * pattern.tokens + key]!;
      if (!(cells[cell]! >= weight)) cells[cell] = weight;
    }
  }
  return cells;
}

/** Bytes of all patterns of a run. */
export const patternBytes = (blocks: number, heads: number, tokens: number) =>
  blocks * heads * tokens * tokens * Float32Array.BYTES_PER_ELEMENT;

/** What the page copies out of the model for one run, at most. */
export const patternBudget = 64 * 2 ** 20;

/**
 * The blocks whose patterns a run asks for: all where they fit the budget, so that every head is one
 * click away, otherwise the one on screen.
 */
export function patternBlocks(blocks: number, heads: number, tokens: number, shown: number) {
  if (patternBytes(blocks, heads, tokens) > patternBudget) return [shown];
  return Array.from({ length: blocks }, (_, block) => block);
}

/** The operations whose result is a matrix of queries by keys. */
export type AttentionStage = 'scores' | 'scale' | 'mask' | 'softmax';

/** The colours of [T, T] numbers; above the diagonal that of what is masked, or none. */
export function cellColors(
  values: Float32Array,
  tokens: number,
  colorOf: (value: number) => Rgb,
  masked: Rgb | null,
): Uint32Array {
  const colors = new Uint32Array(tokens * tokens).fill(masked ? packed(masked) : 0);
  for (let query = 0; query < tokens; query += 1) {
    for (let i = query * tokens; i <= query * tokens + query; i += 1) {
      colors[i] = packed(colorOf(values[i]!));
    }
  }
  return colors;
}

export const patternName = (block: number) => `blocks.${block}.attn.hook_pattern`;

export const scoresName = (block: number) => `blocks.${block}.attn.hook_attn_scores`;

/**
 * The dot products [H, T, T] of a block's queries and keys. The trace has no activation for them, for the model
 * scales as it multiplies: they are the package's `attentionDotProducts`.
 */
export const dotProductsName = (block: number) => `blocks.${block}.attn.dot_products`;

/** What the matrix of an operation shows. */
export const matrixName = (stage: AttentionStage, block: number) =>
  ({ scores: dotProductsName, scale: scoresName, mask: scoresName, softmax: patternName })[stage](
    block,
  );

/** The block that a name means, where `nameOf` gives a block that name; null for other names. */
function blockOf(name: string, nameOf: (block: number) => string): number | null {
  const block = Number(/^blocks\.(\d+)\./.exec(name)?.[1]);
  return name === nameOf(block) ? block : null;
}

/** The block whose pattern a name means; null for other names. */
export const patternBlock = (name: string) => blockOf(name, patternName);

/** The block whose dot products a name means; null for other names. */
export const dotProductsBlock = (name: string) => blockOf(name, dotProductsName);
