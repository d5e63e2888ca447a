/** How probable a text is to a model: what a run's losses say, token by token. */

/** What the package's loss of a text has: -ln p and rank of the second token, the third, ... */
export interface Losses {
  readonly losses: { readonly data: Float32Array };
  readonly ranks: readonly number[];
  readonly mean: number;
  readonly perplexity: number;
}

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
      ? { probability: Math.exp(-loss.losses.data[position - 1]!), rank: loss.ranks[position - 1]! }
      : null,
  );
}

export interface Summary {
  /** The natural logarithm of the probability of all tokens but the first. */
  logarithm: number;
  perplexity: number;
  /** How many tokens were the most probable ones, of how many. */
  hits: number;
  count: number;
}

export function summaryOf({ ranks, mean, perplexity }: Losses): Summary {
  const count = ranks.length;
  const hits = ranks.filter((rank) => rank === 0).length;
  return { logarithm: -mean * count, perplexity, hits, count };
}
