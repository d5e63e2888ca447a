/** The next token's distribution, the most probable first: a curve with its tail, and where it is cut. */
import type { Subject } from './explanation.ts';
import type { Stages } from './next_token.ts';
import type { Sampling } from './sampling.ts';

export interface RankPoint {
  /** From 1. */
  readonly rank: number;
  readonly probability: number;
}

/**
 * About `points` of the ranks, evenly on a logarithmic axis, the first and the last among them: on a
 * screen more could not be told apart.
 */
export function rankCurve(
  order: Int32Array,
  probabilities: Float32Array,
  points: number,
): RankPoint[] {
  const last = order.length;
  const ranks = new Set<number>([1, last]);
  for (let i = 0; i <= points; i += 1) ranks.add(Math.round(last ** (i / points)));
  return [...ranks]
    .filter((rank) => rank >= 1 && rank <= last)
    .sort((a, b) => a - b)
    .map((rank) => ({ rank, probability: probabilities[order[rank - 1]!]! }));
}

/** The token of the vocabulary whose probability of coming next is explained; null where none is. */
export const explainedNext = (subject: Subject | null, tokens: number): number | null =>
  subject?.name === 'probabilities' && subject.index[0] === tokens - 1 ? subject.index[1]! : null;

/** Whether probabilities of the next token are others than the model's own. */
export const isTempered = ({ greedy, temperature }: Sampling) => !greedy && temperature !== 1;

/**
 * What softmax divides by, the sum of exp(scaled - largest) over all tokens: the term of the most
 * probable one is exp(0) = 1, so its probability is 1 over the sum.
 */
export const softmaxTotal = ({ order, probabilities }: Pick<Stages, 'order' | 'probabilities'>) =>
  1 / probabilities[order[0]!]!;

/** What the first so many tokens add up to. */
export function cumulative(
  { order, probabilities }: Pick<Stages, 'order' | 'probabilities'>,
  count: number,
): number {
  let sum = 0;
  for (let rank = 0; rank < count; rank += 1) sum += probabilities[order[rank]!]!;
  return sum;
}

/** Where on the line from 0 to 1 a token lies, when those that are kept stand side by side. */
export function shareOf(
  { order, filtered, afterTopP }: Pick<Stages, 'order' | 'filtered' | 'afterTopP'>,
  token: number,
): { from: number; to: number } {
  let from = 0;
  for (let rank = 0; rank < afterTopP; rank += 1) {
    const id = order[rank]!;
    if (id === token) return { from, to: from + filtered[id]! };
    from += filtered[id]!;
  }
  return { from: 0, to: 0 };
}

/** The powers of ten from 1 down to a probability, a few of them, each as far from the next. */
export function decadesTo(smallest: number, most = 7): number[] {
  // Of a few tokens all have much.
  if (smallest > 0.01) return [1, 0.5, 0.1].filter((mark) => mark >= smallest);
  const decades = Math.floor(-Math.log10(smallest) + 1e-9);
  const step = Math.max(1, Math.ceil(decades / most));
  return Array.from({ length: Math.floor(decades / step) + 1 }, (_, at) =>
    Number(`1e${-at * step}`),
  );
}
