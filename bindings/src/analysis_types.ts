/**
 * What a model can be asked beyond its activations. Every number is computed in C++ (`core/analysis`,
 * whose headers give definitions and sources).
 */
import type { AnyActivationName, Edit, ModelInput, Tensor } from './types.ts';

/** A token by its id, or by a text that is exactly one token (`' king'`, with its space). */
export type TokenInput = number | string;

/** What every analysis that runs the model takes. */
export interface AnalysisOptions {
  /** Applied in order, in every run. */
  edits?: readonly Edit[];
  signal?: AbortSignal;
  /** How far it is: `done` of `total` parts of about the same size. */
  onProgress?: (done: number, total: number) => void;
}

export interface LogitLensOptions extends AnalysisOptions {
  /** Also between the attention and the MLP of each block. Default false. */
  sublayers?: boolean;
  /** How many of the most probable tokens are listed. Default 5. */
  top?: number;
  /** Tokens to follow through all layers. */
  tokens?: readonly TokenInput[];
}

export interface LensToken {
  readonly id: number;
  readonly text: string;
  /** How many tokens are more probable. */
  readonly rank: number;
  readonly logit: number;
  readonly probability: number;
}

export interface LensPosition {
  readonly top: readonly LensToken[];
  /** The token that follows in the text; at the last position, the model's own most probable one. */
  readonly target: LensToken;
  /** Those of `tokens`, in that order. */
  readonly tracked: readonly LensToken[];
  /** Of the whole distribution, in nats. */
  readonly entropy: number;
}

export interface LensLayer {
  /** The residual stream that is read: `blocks.0.hook_resid_pre`, ... */
  readonly name: string;
  readonly positions: readonly LensPosition[];
}

export interface LogitLens {
  readonly tokens: readonly number[];
  /** In the order of computation; the last is the model's own prediction. */
  readonly layers: readonly LensLayer[];
}

export interface LogitAttributionOptions extends AnalysisOptions {
  /** Whose logits; negative counts from the end. Default -1. */
  position?: number;
  /** Default: the most probable one there. */
  token?: TokenInput;
  /** Then all numbers are differences: `token` minus this. */
  against?: TokenInput;
}

export interface AttributionTerm {
  readonly kind:
    'token_embedding' | 'position_embedding' | 'head' | 'attention_bias' | 'mlp' | 'final_bias';
  readonly block?: number;
  readonly head?: number;
  readonly value: number;
}

export interface LogitAttribution {
  readonly position: number;
  readonly token: number;
  readonly against: number | null;
  /** The logit, or the difference. */
  readonly value: number;
  /** In the order of computation. */
  readonly terms: readonly AttributionTerm[];
  readonly sum: number;
  /** `value - sum`: rounding, that of 8-bit weights too, or what an edit put into the stream. */
  readonly remainder: number;
}

export interface HeadScoresOptions extends AnalysisOptions {
  /** Without an input: how many different random tokens, which then repeat. Default 50. */
  length?: number;
  /** ... and which ones. Default 0. */
  seed?: number;
}

/** Mean attention weights [L,H]; NaN where the text has no position to measure at. */
export interface HeadScores {
  readonly tokens: readonly number[];
  /** To the position before. */
  readonly previous: Tensor;
  /** To earlier occurrences of the same token. */
  readonly duplicate: Tensor;
  /** To what followed those. */
  readonly induction: Tensor;
  /** How many positions have an earlier occurrence of their token. */
  readonly repeatedPositions: number;
}

export type Metric =
  | {
      readonly kind?: 'logit_difference';
      readonly token: TokenInput;
      readonly against: TokenInput;
      readonly position?: number;
    }
  | {
      readonly kind: 'logit' | 'probability' | 'log_probability';
      readonly token: TokenInput;
      readonly position?: number;
    }
  /** Of the prediction from that of the text that values are taken from, in nats. */
  | { readonly kind: 'kl_divergence'; readonly position?: number };

export interface ActivationPatchingOptions extends Omit<AnalysisOptions, 'edits'> {
  metric: Metric;
  /** Within a block: `hook_resid_pre` (default), `hook_attn_out`, `hook_mlp_out`, `attn.hook_z`, ... */
  activation?: string;
  /** What is patched at a time, in one block. Default `'position'`. */
  axis?: 'position' | 'head';
}

export interface ActivationPatching {
  /** `[L,T]` or [L,H]: the metric with that one part patched. */
  readonly values: Tensor;
  /** The metric of the text that values are taken from ... */
  readonly from: number;
  /** ... and of the other, unpatched. */
  readonly into: number;
}

/** The matrix that reads tokens (`wte`), or the one that predicts them; the same where tied. */
export type TokenSpace = 'input' | 'output';

/** A token, or a sum of tokens: `[' king', [' man', -1], ' woman']`. */
export type TokenSum = TokenInput | readonly (TokenInput | readonly [TokenInput, number])[];

export interface NearestTokensOptions {
  /** Default `'input'`. */
  space?: TokenSpace;
  /** Default `'cosine'`. */
  by?: 'cosine' | 'dot';
  /** Default 10. */
  top?: number;
  /** Not listed. Default: the tokens of the sum. */
  exclude?: readonly TokenInput[];
  signal?: AbortSignal;
}

export interface NearToken {
  readonly id: number;
  readonly text: string;
  readonly similarity: number;
}

export interface PrincipalComponentsOptions extends Omit<AnalysisOptions, 'edits'> {
  /** How many. Default 2. */
  components?: number;
}

export interface PrincipalComponents {
  /** `[N,K]` */
  readonly coordinates: Tensor;
  /** [K,D], of length 1; the largest entry is positive. */
  readonly components: Tensor;
  /** `[D]` */
  readonly mean: Tensor;
  /** `[K]`: the share of the variance along each. */
  readonly explained: Tensor;
}

export interface TextLossOptions extends AnalysisOptions {
  /** How far a window moves on where the text is longer than the context. Default: half of it. */
  stride?: number;
}

export interface TextLoss {
  readonly tokens: readonly number[];
  /** `[N-1]`: -ln p of the second token, the third, ... */
  readonly losses: Tensor;
  /** p of each of those, with 64 bits: next to 1, 32 would leave no digits. */
  readonly probabilities: readonly number[];
  /** How many tokens were more probable than each of those. */
  readonly ranks: readonly number[];
  /** Nats per token. */
  readonly mean: number;
  readonly perplexity: number;
  /** The natural logarithm of the probability of all tokens but the first together. */
  readonly logProbability: number;
  /** That probability; 0 where it is too small for a number. */
  readonly probability: number;
}

export interface ExplainOptions extends AnalysisOptions {
  /** How many terms are listed of each sum, the largest first. Default 20. */
  terms?: number;
}

/** A number that goes into another: an entry of an activation or a weight, or a symbol. */
export interface ExplainedFactor {
  readonly name: string;
  /** Empty for a symbol of the formula. */
  readonly index: readonly number[];
  readonly value: number;
  /** The activation that a symbol is computed from. */
  readonly madeOf?: string;
}

/** The product of its factors. */
export interface ExplainedTerm {
  readonly label: string;
  readonly value: number;
  readonly factors: readonly ExplainedFactor[];
}

export interface ExplainedSum {
  /** The largest in absolute value first. */
  readonly terms: readonly ExplainedTerm[];
  /** How many are not listed ... */
  readonly others: number;
  /** ... and what they add up to. */
  readonly othersValue: number;
  readonly total: number;
}

/** A symbol of the formula that is a sum itself. */
export interface ExplainedQuantity extends ExplainedSum {
  readonly symbol: string;
  readonly formula: string;
  readonly value: number;
}

export interface Explanation extends ExplainedSum {
  readonly name: string;
  readonly index: readonly number[];
  readonly value: number;
  readonly formula: string;
  /** `value - total`: rounding, that of 8-bit weights too, or an edit of this very number. */
  readonly remainder: number;
  readonly quantities: readonly ExplainedQuantity[];
}

/** The analyses of a {@link Model}. */
export interface Analyses {
  /**
   * What the model would predict if it stopped early: the final layer norm, computed anew, and the
   * unembedding of the residual stream between any two layers (nostalgebraist 2020, "interpreting GPT:
   * the logit lens").
   */
  logitLens(input: ModelInput, options?: LogitLensOptions): Promise<LogitLens>;

  /**
   * Who wrote a logit into the residual stream: embeddings, heads, biases, MLPs. The terms add up to
   * the logit, with the scale of the final layer norm held at that of the run: a part v of the stream
   * adds the sum over c of gamma[c] W_U[token,c] (v[c] - mean(v)) / scale (Elhage et al. 2021, "A
   * Mathematical Framework for Transformer Circuits").
   */
  logitAttribution(input: ModelInput, options?: LogitAttributionOptions): Promise<LogitAttribution>;

  /**
   * What kind of head each head is, by its mean attention to the previous token, to earlier occurrences
   * of the same token (Wang et al. 2022, section 3) and to what followed those (the prefix matching
   * score of Olsson et al. 2022). Without an input: on random tokens that repeat.
   */
  headScores(input?: ModelInput | null, options?: HeadScoresOptions): Promise<HeadScores>;

  /** `[L,T,T]`: how much of each token has reached each position, if attention were all that moves it: the
   * product over blocks of (mean over heads of the pattern + identity) / 2 (Abnar and Zuidema 2020,
   * section 3). */
  attentionRollout(input: ModelInput, options?: AnalysisOptions): Promise<Tensor>;

  /**
   * `[H,T,T]`: the dot product of each query of a block with each key, head by head (Vaswani et al. 2017,
   * section 3.2.1), and `-Infinity` where the key comes after the query. No activation has them: the model
   * scales each as it computes it, to `hook_attn_scores`. An error `'bad-option'` where there is no such
   * block; blocks count from 0.
   */
  attentionDotProducts(
    input: ModelInput,
    block: number,
    options?: AnalysisOptions,
  ): Promise<Tensor>;

  /**
   * Which activation carries what makes one text's prediction differ from another's: runs `into` once
   * for each block and each position or head, with that part of the activation taken from the run of
   * `from` (Meng et al. 2022, section 2.1; terms as in Heimersheim and Nanda 2024). Both have the same
   * number of tokens.
   */
  activationPatching(
    from: ModelInput,
    into: ModelInput,
    options: ActivationPatchingOptions,
  ): Promise<ActivationPatching>;

  /** `[C]`: the direction of a token, or of a weighted sum of tokens (Mikolov et al. 2013, section 4). */
  tokenDirection(tokens: TokenSum, options?: { space?: TokenSpace }): Promise<Tensor>;

  /** The tokens whose directions are most similar to that of a sum of tokens, or to a vector [C]. */
  nearestTokens(
    direction: TokenSum | Float32Array | Tensor,
    options?: NearestTokensOptions,
  ): Promise<readonly NearToken[]>;

  /**
   * The directions in which the rows of [N,D] differ most, and where the rows lie along them (Pearson
   * 1901; Jolliffe 2002, section 3.1).
   */
  principalComponents(
    vectors: Tensor | readonly ArrayLike<number>[],
    options?: PrincipalComponentsOptions,
  ): Promise<PrincipalComponents>;

  /**
   * How well the model predicts a text, which may be longer than its context: the cross-entropy of each
   * token, and e to the power of their mean (perplexity).
   */
  textLoss(input: ModelInput, options?: TextLossOptions): Promise<TextLoss>;

  /**
   * Why one number is what it is: the formula, and the terms that add up to it. For every activation,
   * and for `'probabilities'` [T,V], the softmax of the logits.
   */
  explain(
    input: ModelInput,
    name: AnyActivationName | 'probabilities',
    index: readonly number[],
    options?: ExplainOptions,
  ): Promise<Explanation>;
}
