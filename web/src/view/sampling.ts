/** How the next token is chosen, as the page holds it. */

export interface Sampling {
  greedy: boolean;
  temperature: number;
  /** 0: all tokens. */
  topK: number;
  /** 1: all tokens. */
  topP: number;
  seed: number;
}

export const defaultSampling: Readonly<Sampling> = {
  greedy: false,
  temperature: 0.8,
  topK: 40,
  topP: 1,
  seed: 1,
};

export const samplingLimits = {
  temperature: { min: 0.05, max: 5, whole: false },
  topK: { min: 0, max: 1e6, whole: true },
  topP: { min: 0.01, max: 1, whole: false },
  seed: { min: 0, max: 2 ** 32 - 1, whole: true },
} as const;

/** Top-k on a slider of `steps` positions: fine for few tokens, coarse for many, all at the end. */
export function topKAt(position: number, steps: number, vocabulary: number): number {
  if (position >= steps) return 0;
  return Math.max(1, Math.round(vocabulary ** (position / steps)));
}

export function topKPosition(topK: number, steps: number, vocabulary: number): number {
  if (topK === 0 || topK >= vocabulary) return steps;
  return Math.min(steps - 1, Math.round((Math.log(topK) / Math.log(vocabulary)) * steps));
}
