/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The public types. Shapes are written with these letters: T tokens of the run, S source positions,
 * C width (`n_embd`), H heads, D head width, F inner width of the MLP, V vocabulary.
 */

import type { WeightDtype } from './load_types.ts';

export type * from './load_types.ts';

/** `config.json`, validated, under its Hugging Face names; `head_width` is `n_embd / n_head`. */
export interface ModelConfig {
  readonly n_layer: number;
  readonly n_head: number;
  readonly n_embd: number;
  /** The longest context, in tokens. */
  readonly n_positions: number;
  readonly n_inner: number;
  readonly vocab_size: number;
  readonly head_width: number;
  readonly activation_function: 'gelu_new' | 'gelu' | 'relu';
  readonly layer_norm_epsilon: number;
  readonly scale_attn_weights: boolean;
  readonly scale_attn_by_inverse_layer_idx: boolean;
  readonly tie_word_embeddings: boolean;
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | null;
}

export interface ModelInfo {
  /** What was loaded: a Hub id, an address, a path, or "files". */
  readonly name: string;
  /** Stored parameters; a tied head counts once. */
  readonly parameters: number;
  /** How the weights are held in memory. */
  readonly dtype: WeightDtype;
  /** How the file stored them: "F32", "F16", "BF16", or "Q8" for our own quantized files. */
  readonly fileDtype: string;
  /** Memory that the weights take, in bytes. */
  readonly bytes: number;
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly threads: number;
  /** Whether the model runs in a worker of its own. */
  readonly worker: boolean;
}

/** One token. `text` shows U+FFFD for bytes that are only part of a character; `bytes` are exact. */
export interface Piece {
  readonly id: number;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** All methods are synchronous, wherever the model runs. */
export interface Tokenizer {
  /** False for a model without tokenizer files: every method then throws `bad-tokenizer`. */
  readonly available: boolean;
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** With `specialTokens`, `<|endoftext|>` in the text becomes that one token. Default false. */
  encode(text: string, options?: { specialTokens?: boolean }): number[];
  decode(ids: ArrayLike<number>): string;
  /** The exact bytes: one token may be part of a character. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** The tokens of a text, or of ids. */
  pieces(input: string | ArrayLike<number>): Piece[];
  /** The id of a special token such as `<|endoftext|>`, or null. */
  specialId(text: string): number | null;
}

/** A dense row-major tensor of 32-bit floats. `data` is yours: no model memory is behind it. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
  /** The value at an index, one number an axis; negative counts from the end. */
  at(...index: number[]): number;
}

type Block = `blocks.${number}.`;
/** TransformerLens's names, the batch axis dropped; README.md lists shapes and meanings. */
export type ActivationName =
  | 'hook_embed'
  | 'hook_pos_embed'
  | `${Block}hook_${'resid_pre' | 'attn_out' | 'resid_mid' | 'mlp_out' | 'resid_post'}`
  | `${Block}${'ln1' | 'ln2'}.hook_${'scale' | 'normalized'}`
  | `${Block}attn.hook_${'q' | 'k' | 'v' | 'attn_scores' | 'pattern' | 'z' | 'result'}`
  | `${Block}mlp.hook_${'pre' | 'post'}`
  | `ln_final.hook_${'scale' | 'normalized'}`
  | 'logits';

/** Completes known names in an editor, and takes any other string. */
export type AnyActivationName = ActivationName | (string & {});

/** A row of the table of activations. */
export interface ActivationRow {
  /** Within its block (`attn.hook_q`) where `perBlock`, else whole. */
  readonly name: string;
  /** One letter an axis, from T, S, C, H, D, F, V and 1. */
  readonly shape: string;
  readonly perBlock: boolean;
  /** Large: captured only where a pattern spells its last part out. */
  readonly onRequest: boolean;
  readonly meaning: string;
}

/** The activations of one run, in the order of computation. */
export interface ActivationCache extends Iterable<readonly [string, Tensor]> {
  readonly size: number;
  /** Throws `bad-name` for what was not captured. */
  get(name: AnyActivationName): Tensor;
  has(name: AnyActivationName): boolean;
  names(): string[];
  /** Memory of all tensors. */
  readonly bytes: number;
}

/** An index, or a half-open range `[begin, end]`. */
export type AxisSelection = number | readonly [number, number];

/**
 * A change to an activation, made when it is computed, before anything downstream reads it. JSON
 * apart from `value`, which may be a Tensor or a typed array: one number for all selected elements,
 * or one for each in row-major order.
 */
export interface Edit {
  readonly name: AnyActivationName;
  readonly op: 'zero' | 'scale' | 'add' | 'set' | 'mean';
  readonly value?: number | readonly number[] | Float32Array | Float64Array | Tensor;
  readonly head?: AxisSelection;
  /** Negative counts from the end. */
  readonly position?: AxisSelection;
  /** The last axis: C, D, F, V, or the key axis of scores and patterns. */
  readonly neuron?: AxisSelection;
}

/** Text (encoded as is, nothing put in front) or token ids. */
export type ModelInput = string | ArrayLike<number>;

export interface RunOptions {
  /** Names and globs (`*`, `?`) of what to capture. Default: everything but what is on request. */
  names?: AnyActivationName | readonly AnyActivationName[];
  /** Stop before this block; negative counts from the end. There are no logits then. */
  stopAtLayer?: number;
  /** Applied in order. */
  edits?: readonly Edit[];
  /** Which rows of logits to return. Default `'all'`. */
  logits?: 'all' | 'last' | 'none';
  signal?: AbortSignal;
  /** Stages are the embeddings, each block, and the head. */
  onStage?: (done: number, stages: number) => void;
}

export interface RunResult {
  readonly tokens: readonly number[];
  /**
   * How many positions at the beginning were not computed again, because the run before began with
   * the same tokens and captured the same activations, or more. Their numbers are the same.
   */
  readonly reused: number;
  /** [T,V] or [1,V]; null where none were computed. */
  readonly logits: Tensor | null;
  readonly cache: ActivationCache;
}

/** A run that surely reaches the logits. */
export interface RunResultWithLogits extends RunResult {
  readonly logits: Tensor;
}

export interface SamplingOptions {
  /** 0 is greedy. Default 1. */
  temperature?: number;
  /** Keep the k most probable tokens; 0 (default) keeps all. */
  topK?: number;
  /** Keep the fewest tokens whose probabilities, after top-k, reach p. Default 1. */
  topP?: number;
  /** The same seed, step and logits draw the same token everywhere. Default for `sample`: 0. */
  seed?: number | bigint;
}

/** Every stage from logits to a token. Arrays of V entries are indexed by token id. */
export interface SamplingStages {
  readonly logits: Float32Array;
  /** logits / temperature; greedy: the logits. */
  readonly scaled: Float32Array;
  /** softmax of `scaled` over the whole vocabulary. */
  readonly probabilities: Float32Array;
  /** Token ids, the most probable first. */
  readonly order: Int32Array;
  /** The first so many of `order` survive top-k ... */
  readonly afterTopK: number;
  /** ... and then top-p. */
  readonly afterTopP: number;
  /** The survivors' probabilities renormalised, others 0; greedy: 1 for the chosen token. */
  readonly filtered: Float32Array;
  /** The uniform number in [0, 1) that chose; 0 where greedy. */
  readonly draw: number;
  readonly token: number;
}

export interface GenerateOptions extends SamplingOptions {
  /** Default 50. */
  maxTokens?: number;
  /** Default: a new random one each time. */
  seed?: number | bigint;
  /** How many of the most probable tokens each step lists. Default 10. */
  candidates?: number;
  /** Whether each step carries all stages (five arrays of V entries). Default false. */
  stages?: boolean;
  /** Whether the end-of-text token ends it. Default true. */
  stopAtEnd?: boolean;
  /** Applied in every pass. Negative positions count from the end of that pass. */
  edits?: readonly Edit[];
  signal?: AbortSignal;
}

/** A token that could have been chosen. */
export interface Candidate extends Piece {
  readonly logit: number;
  /** After temperature, before top-k and top-p. */
  readonly probability: number;
  /** After top-k and top-p; 0 where they removed it. */
  readonly filtered: number;
}

export interface GenerateStep {
  readonly id: number;
  /**
   * New text, always whole characters: a character whose bytes span tokens comes with the token
   * that completes it. All steps' texts joined are the generated text.
   */
  readonly text: string;
  /** The token's own bytes. */
  readonly bytes: Uint8Array;
  /** Where the token stands in the context, prompt included, from 0. */
  readonly position: number;
  /** After temperature, before top-k and top-p. */
  readonly probability: number;
  /** The natural logarithm of `probability`. */
  readonly logprob: number;
  readonly candidates: readonly Candidate[];
  /** Only with `stages: true`. */
  readonly sampling?: SamplingStages;
  /** On the last step, why it is the last: `maxTokens`, the end-of-text token, or a full context. */
  readonly finish: 'length' | 'end' | 'context' | null;
}

export interface WeightInfo {
  /** The Hugging Face name without `transformer.`: `h.0.attn.c_attn.weight`. */
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Model extends AsyncDisposable {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  /** The table of activations that `runWithCache` can capture. */
  readonly activations: readonly ActivationRow[];
  readonly weights: readonly WeightInfo[];

  /** A copy of a weight, by its Hugging Face name, with or without `transformer.`. */
  weight(name: string): Promise<Tensor>;

  /** Runs the tokens through the model and returns the logits and the activations asked for. */
  runWithCache(
    input: ModelInput,
    options?: RunOptions & { stopAtLayer?: undefined; logits?: 'all' | 'last' },
  ): Promise<RunResultWithLogits>;
  runWithCache(input: ModelInput, options?: RunOptions): Promise<RunResult>;

  /** Continues the input: one prefill, then a token at a time with a KV cache. */
  generate(input: ModelInput, options?: GenerateOptions): AsyncGenerator<GenerateStep, void, void>;

  /**
   * All sampling stages for one row of logits, without running the model: V numbers, or a tensor of
   * which the last row counts. `step` numbers the draw;
   * `generate` takes the position that the token fills.
   */
  sample(
    logits: Float32Array | Tensor,
    options?: SamplingOptions & { step?: number },
  ): SamplingStages;

  /** Stops what runs, frees the memory and the worker. Harmless when repeated. */
  dispose(): Promise<void>;
}
