/** The sampler's stages as a list: the first tokens one by one, all others summed up. */

/** What the package's sampler returns; each array has one entry a token of the vocabulary. */
export interface Stages {
  logits: Float32Array;
  scaled: Float32Array;
  probabilities: Float32Array;
  /** Token ids, the most probable first. */
  order: Int32Array;
  afterTopK: number;
  afterTopP: number;
  filtered: Float32Array;
  draw: number;
  token: number;
}

export type Cut = 'topK' | 'topP' | null;

export interface Candidate {
  /** From 0, the most probable. */
  rank: number;
  id: number;
  logit: number;
  scaled: number;
  probability: number;
  /** After top-k and top-p, renormalised; 0 where cut. */
  filtered: number;
  cut: Cut;
  drawn: boolean;
}

export interface Rest {
  tokens: number;
  probability: number;
  kept: number;
  filtered: number;
}

export interface CandidateList {
  candidates: Candidate[];
  /** The drawn token where it is not among the first. */
  drawnBelow: Candidate | null;
  /** All that are not listed. */
  rest: Rest;
}

const cutOf = (stages: Stages, rank: number): Cut =>
  rank < stages.afterTopP ? null : rank < stages.afterTopK ? 'topP' : 'topK';

function candidate(stages: Stages, rank: number): Candidate {
  const id = stages.order[rank]!;
  return {
    rank,
    id,
    logit: stages.logits[id]!,
    scaled: stages.scaled[id]!,
    probability: stages.probabilities[id]!,
    filtered: stages.filtered[id]!,
    cut: cutOf(stages, rank),
    drawn: id === stages.token,
  };
}

export function listCandidates(stages: Stages, shown: number): CandidateList {
  const vocabulary = stages.order.length;
  const first = Math.min(shown, vocabulary);
  const candidates = Array.from({ length: first }, (_, rank) => candidate(stages, rank));
  const drawnRank = stages.order.indexOf(stages.token);
  const drawnBelow = drawnRank >= first ? candidate(stages, drawnRank) : null;
  const listed = drawnBelow ? 1 : 0;
  const rest: Rest = {
    tokens: vocabulary - first - listed,
    probability: 0,
    kept: Math.max(0, stages.afterTopP - first - listed),
    filtered: 0,
  };
  for (let rank = first; rank < vocabulary; rank += 1) {
    if (drawnBelow && rank === drawnRank) continue;
    const id = stages.order[rank]!;
    rest.probability += stages.probabilities[id]!;
    rest.filtered += stages.filtered[id]!;
  }
  return { candidates, drawnBelow, rest };
}

/**
 * Where a logit stands between the lowest of the vocabulary, 0, and the highest, 1. Softmax knows no
 * more of them: adding the same to all changes nothing.
 */
export function logitShare({ logits }: Pick<Stages, 'logits'>): (logit: number) => number {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const logit of logits) {
    if (!Number.isFinite(logit)) continue;
    lowest = Math.min(lowest, logit);
    highest = Math.max(highest, logit);
  }
  return (logit) => Math.min(1, Math.max(0, (logit - lowest) / (highest - lowest) || 0));
}

/** Tokens that were searched for, where `ranks` says where each stands; the rest is not summed up. */
export function listTokens(
  stages: Stages,
  ids: readonly number[],
  ranks: ArrayLike<number>,
): CandidateList {
  return {
    // A tokenizer may know more tokens than its model.
    candidates: ids
      .filter((id) => id < stages.order.length)
      .map((id) => candidate(stages, ranks[id]!)),
    drawnBelow: null,
    rest: { tokens: 0, probability: 0, kept: 0, filtered: 0 },
  };
}

/** A stretch of the line from 0 to 1 on which the draw falls. */
export interface Share {
  /** Nothing for the tokens at the end that are too narrow to tell apart. */
  id: number | null;
  from: number;
  to: number;
  drawn: boolean;
}

/**
 * The survivors side by side, as wide as they are probable, in the order in which the sampler walks
 * along them until it reaches the drawn number. Shares narrower than `narrowest` become one.
 */
export function drawLine(stages: Stages, narrowest: number): Share[] {
  const shares: Share[] = [];
  let from = 0;
  for (let rank = 0; rank < stages.afterTopP; rank += 1) {
    const id = stages.order[rank]!;
    const width = stages.filtered[id]!;
    if (width < narrowest && shares.length > 0) break;
    const to = Math.min(1, from + width);
    shares.push({ id, from, to, drawn: id === stages.token });
    from = to;
  }
  if (shares.length < stages.afterTopP) {
    shares.push({ id: null, from, to: 1, drawn: !shares.some((share) => share.drawn) });
  }
  return shares;
}
