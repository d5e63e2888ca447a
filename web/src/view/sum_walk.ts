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

/** A row or a column that a sum of products goes along. */
export interface Walked {
  /** Of the weight or the activation, or the symbol of what was made of it. */
  readonly name: string;
  /** Its place in the tensor; null on the axis that is walked. */
  readonly index: readonly (number | null)[];
  readonly values: Float32Array;
}

/** What is multiplied with what: the two vectors of a dot product. */
export function walkedIn(terms: readonly ExplainedTerm[]): Walked[] {
  const products = terms.filter(({ factors }) => factors.length > 1);
  const [first, second] = products;
  if (!first || !second) return [];
  return first.factors.flatMap(({ name, index }, place) => {
    const axis = index.findIndex((number, at) => number !== second.factors[place]!.index[at]);
    // A factor that is the same in all terms is no vector, and a square is drawn once.
    const isAgain = first.factors.findIndex((other) => other.name === name) < place;
    if (axis < 0 || isAgain) return [];
    return [
      {
        name,
        index: index.map((number, at) => (at === axis ? null : number)),
        values: Float32Array.from(products, ({ factors }) => factors[place]!.value),
      },
    ];
  });
}

/** As notebooks write it: `h.2.mlp.c_fc.weight[:, 10]`. */
export const walkedName = ({ name, index }: Walked) =>
  `${name}[${index.map((number) => number ?? ':').join(', ')}]`;
