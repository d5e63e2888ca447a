/** A sum in the order of its index, with what it amounts to after each term. */
import type { ExplainedTerm } from 'glassformer';

export interface SumWalk {
  readonly terms: readonly ExplainedTerm[];
  /** After so many terms; one more than there are terms, the first is 0. */
  readonly running: readonly number[];
  readonly smallest: number;
  readonly largest: number;
}

/** Where a term stands: `c = 12` is 12th; what has no number, such as a bias, comes last. */
function placeOf(label: string): number {
  const match = /(\d+)$/.exec(label);
  return match ? Number(match[1]) : Infinity;
}

export function walkOf(terms: readonly ExplainedTerm[]): SumWalk {
  const ordered = [...terms].sort((a, b) => {
    const [first, second] = [placeOf(a.label), placeOf(b.label)];
    return first === second ? 0 : first - second;
  });
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
