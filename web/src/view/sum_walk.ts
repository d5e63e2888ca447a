/** A sum in the order of its index, with what it amounts to after each term. */
import type { ExplainedTerm } from 'glassformer';

export interface SumWalk {
  readonly terms: readonly ExplainedTerm[];
  /** After so many terms; one more than there are terms, the first is 0. */
  readonly running: readonly number[];
  readonly smallest: number;
  readonly largest: number;
}

/**
 * Where a term stands: `c = 12` is 12th. The residual stream begins with the embeddings, and in each block
 * attention comes before the MLP; what else has no number, such as a bias, comes last.
 */
function placeOf(label: string): number {
  const first = ['x', 'embed', 'pos_embed'].indexOf(label);
  if (first >= 0) return first - 3;
  const match = /(\d+)$/.exec(label);
  return match ? Number(match[1]) + (label.startsWith('mlp') ? 0.5 : 0) : Number.MAX_VALUE;
}

/** The terms as the formula has them. */
export const inOrder = (terms: readonly ExplainedTerm[]): readonly ExplainedTerm[] =>
  [...terms].sort((a, b) => placeOf(a.label) - placeOf(b.label));

export function walkOf(terms: readonly ExplainedTerm[]): SumWalk {
  const ordered = inOrder(terms);
  const running = [0];
  for (const { value } of ordered) running.push(running.at(-1)! + value);
  const finite = running.filter(Number.isFinite);
  return {
    terms: ordered,
    running,
    smallest: Math.min(...finite),
    largest: Math.max(...finite),
  };
}
