/** The letters that the formulas of the operations and those of the article share. */
import { at, type MathNode, type Mathlike, role, row, size, subsup } from './math.ts';

export const C = size('width', 'C');
export const D = size('headWidth', 'D');
export const V = size('vocabulary', 'V');

export const x = (...indices: Mathlike[]) => role('residual', at('x', ...indices));

/** A weight or bias of a matrix, by the letter of what it makes. */
export const entry = (letter: string, of: string, ...indices: string[]): MathNode =>
  subsup(letter, row(indices.join(' , ')), of);

/** A token's row of the embedding table, which the unembedding reads once more. */
export const embeddingOf = (token: Mathlike) => subsup('W', row(token, ', c'), 'E');
