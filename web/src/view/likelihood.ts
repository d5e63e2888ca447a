/** How probable a text is to a model: what a run's losses say, token by token. */

import type { TextLoss } from 'glassformer';

/** What the package says of a text, of the second token, the third, ... */
export type Losses = Omit<TextLoss, 'tokens' | 'losses' | 'mean'>;

/** What the model made of the token that stands at a position. */
export interface Chance {
  probability: number;
  /** How many tokens were more probable. */
  rank: number;
}

/**
 * By position, for a text of so many tokens that begins with `shared` tokens of the one measured. The
 * first token has none, and what was not measured neither.
 */
export function chancesOf(loss: Losses | null, tokens: number, shared: number): (Chance | null)[] {
  return Array.from({ length: tokens }, (_, position) =>
    loss && position > 0 && position < shared
      ? { probability: loss.probabilities[position - 1]!, rank: loss.ranks[position - 1]! }
      : null,
  );
}

export interface Summary {
  /** Of all tokens but the first together; 0 where it is too small for a number. */
  probability: number;
  /** Its natural logarithm. */
  logarithm: number;
  perplexity: number;
  /** How many tokens were the most probable ones, of how many. */
  hits: number;
  count: number;
}

export function summaryOf({ ranks, probability, logProbability, perplexity }: Losses): Summary {
  const hits = ranks.filter((rank) => rank === 0).length;
  return { probability, logarithm: logProbability, perplexity, hits, count: ranks.length };
}
