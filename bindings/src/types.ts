/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The public types. Shapes are written with these letters: T tokens of the run, S source positions,
 * C width (`n_embd`), H heads, D head width, F inner width of the MLP, V vocabulary.
 */

import type { Analyses } from './analysis_types.ts';
import type { WeightDtype } from './load_types.ts';

export type * from './analysis_types.ts';
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
  /**
   * With `specialTokens`, `<|endoftext|>` in the text becomes that one token. Default false. Throws
   * `bad-tokens`, naming the character, where the vocabulary has no token for one, as that of a small
   * model may; GPT-2's has tokens for all bytes.
   */
  encode(text: string, options?: { specialTokens?: boolean }): number[];
  decode(ids: ArrayLike<number>): string;
  /** The exact bytes: one token may be part of a character. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** The tokens of a text, or of ids. */
  pieces(input: string | ArrayLike<number>): Piece[];
  /** The id of a special token such as `<|endoftext|>`, or null. */
  specialId(text: string): number | null;
}

/** A number, or arrays within arrays: as deep as a tensor has axes. */
export type NestedNumbers = number | NestedNumbers[];

/**
 * What a slice takes of an axis: all of it (`null`, or nothing), one index, which removes the axis, or
 * a half-open range `[begin, end]`, either of which may be left out. Negative counts from the end.
 */
export type AxisSlice = number | readonly [begin?: number, end?: number] | null | undefined;

/** The value at an index: `{ i, j, k, value }`, or with axis names of yours. */
export type TensorRecord = Record<string, number>;

/** A tensor in JSON, which has no infinities: `JSON.stringify` writes null for them. */
export interface TensorJSON {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: number[];
}

/** A dense row-major tensor of 32-bit floats. `data` is yours: no model memory is behind it. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** How many elements lie between neighbours along each axis. */
  readonly strides: readonly number[];
  /** All elements, in row-major order: what D3 and Observable Plot take as it is. */
  readonly data: Float32Array<ArrayBuffer>;
  /** How many elements there are. */
  readonly size: number;
  /** The value at an index, one number an axis; negative counts from the end. */
  at(...index: number[]): number;
  /** A copy of a part: `slice(3)` row 3, `slice(null, [0, 2])` two columns. */
  slice(...parts: AxisSlice[]): Tensor;
  /** The rows of the last axis, as views of `data`. */
  rows(): IterableIterator<Float32Array>;
  toNested(): NestedNumbers;
  /** An object for each element: rows for Observable Plot and Arquero. */
  toRecords(axes?: readonly string[]): TensorRecord[];
  toJSON(): TensorJSON;
  /** A line for each row of the last axis, after the indices of the axes before it. */
  toCSV(): string;
  /** For `numpy.load`. */
  toNpy(): Uint8Array<ArrayBuffer>;
  /** A file with this one tensor. */
  toSafetensors(): Uint8Array<ArrayBuffer>;
}

/** In front of the name of an activation that every block has. */
export type Block = `blocks.${number}.`;
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
  /** By its full name or a short one (`'k6'`). Throws `bad-name` for what was not captured. */
  get(name: AnyActivationName): Tensor;
  has(name: AnyActivationName): boolean;
  names(): string[];
  /** Memory of all tensors. */
  readonly bytes: number;
  /** For `numpy.load`: a dictionary by name. */
  toNpz(): Uint8Array<ArrayBuffer>;
  toSafetensors(): Uint8Array<ArrayBuffer>;
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
  /** `patch` sets to the same elements of `value`, another run's whole activation. */
  readonly op: 'zero' | 'scale' | 'add' | 'set' | 'patch' | 'mean';
  readonly value?: number | readonly number[] | Float32Array | Float64Array | Tensor;
  readonly head?: AxisSelection;
  /** Negative counts from the end. */
  readonly position?: AxisSelection;
  /** The last axis: C, D, F, V, or the key axis of scores and patterns. */
  readonly neuron?: AxisSelection;
}

/**
 * A change to a slice of a weight. Rows and columns are those of the file: `[inputs, outputs]` of a
 * block's matrices, `[tokens, width]` of embeddings; vectors have columns only. A tied head is
 * `wte.weight`.
 */
export interface WeightEdit {
  /** As in {@link Model.weights}. */
  readonly weight: string;
  readonly op: 'zero' | 'scale' | 'add' | 'set';
  readonly value?: number | readonly number[] | Float32Array | Float64Array | Tensor;
  readonly row?: AxisSelection;
  readonly column?: AxisSelection;
}

/** Text (encoded as is, nothing put in front) or token ids. */
export type ModelInput = string | ArrayLike<number>;

/**
 * What to capture: full names, TransformerLens's short ones (`'k6'`, `'pattern3'`, `'resid_pre5'`) and
 * globs (`*`, `?`). A RegExp or a predicate is asked about every full name, those on request too.
 */
export type NameFilter = AnyActivationName | RegExp | ((name: ActivationName) => boolean);

/**
 * Changes an activation when it is computed, or looks at it: returns its replacement (a tensor or
 * numbers of the same size), or nothing. It cannot wait for anything.
 */
export type Hook = (tensor: Tensor, name: ActivationName) => Tensor | Float32Array | void;

export interface RunOptions {
  /** Default: everything but what is on request. */
  names?: NameFilter | readonly NameFilter[];
  /**
   * The positions to capture, and to return logits of. Of scores and patterns these are the queries.
   * Default: all.
   */
  positions?: AxisSelection;
  /**
   * Start before this block, with a residual stream [T,C] as the input; the number of blocks runs only
   * the final norm and the unembedding. Negative counts from the end.
   */
  startAtLayer?: number;
  /** Stop before this block; negative counts from the end. There are no logits then. */
  stopAtLayer?: number;
  /**
   * Functions that see, and may replace, activations: by name, or pairs of a filter and a function.
   * They run where the model runs, so the model must be loaded with `worker: false`. After edits.
   */
  hooks?: Readonly<Record<string, Hook>> | readonly (readonly [NameFilter, Hook])[];
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
   * How many positions at the beginning were not computed again, because the text before began with
   * the same tokens, and runs of it captured these activations. Their numbers are the same.
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

/** Memory that a run takes, in bytes. */
export interface RunEstimate {
  /** The activations that are captured. */
  readonly activations: number;
  /** The logits that are returned, where they are not among those. */
  readonly logits: number;
  /** Keys and values. */
  readonly cache: number;
  /** Intermediate results. */
  readonly scratch: number;
  /** All of it while the run goes on, and the copy that you get. */
  readonly total: number;
}

export interface SamplingOptions {
  /** 0 is greedy. Default 1. */
  temperature?: number;
  /** Keep the k most probable tokens; 0 (default) keeps all. */
  topK?: number;
  /** Keep the fewest tokens whose probabilities, after top-k, reach p. Default 1. */
  topP?: number;
  /** Keep the tokens that are at least this share as probable as the most probable. Default 0. */
  minP?: number;
  /**
   * Divides positive logits, and multiplies negative ones, of tokens that the text has, prompt
   * included. Default 1.
   */
  repetitionPenalty?: number;
  /** Taken off a token's logit for each time that it was generated. Default 0. */
  frequencyPenalty?: number;
  /** Taken off the logit of a token that was generated at all. Default 0. */
  presencePenalty?: number;
  /** The same seed, step and logits draw the same token everywhere. Default for `sample`: 0. */
  seed?: number | bigint;
}

/** Every stage from logits to a token. Arrays of V entries are indexed by token id. */
export interface SamplingStages {
  readonly logits: Float32Array;
  /** After the penalties. */
  readonly penalized: Float32Array;
  /** `penalized` / temperature; greedy: `penalized`. */
  readonly scaled: Float32Array;
  /** softmax of `scaled` over the whole vocabulary. */
  readonly probabilities: Float32Array;
  /** Token ids, the most probable first. */
  readonly order: Int32Array;
  /** The first so many of `order` survive top-k ... */
  readonly afterTopK: number;
  /** ... and then top-p. */
  readonly afterTopP: number;
  /** ... and then min-p. */
  readonly afterMinP: number;
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
  /** Texts that end it; they are not part of the text. */
  stop?: string | readonly string[];
  /**
   * How many continuations, computed in turn, a token of each at a time. Sample i draws as a
   * generation with `seed + i` does. Default 1.
   */
  samples?: number;
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
  /** Which of the samples, from 0. */
  readonly sample: number;
  /**
   * New text, always whole characters: a character whose bytes span tokens comes with the token
   * that completes it, and what could begin a stop text when it is known not to. All steps' texts
   * joined are the generated text.
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
  /**
   * On a sample's last step, why it is the last: `maxTokens`, the end-of-text token, a stop text, or a
   * full context.
   */
  readonly finish: 'length' | 'end' | 'stop' | 'context' | null;
}

export interface WeightInfo {
  /** The Hugging Face name without `transformer.`: `h.0.attn.c_attn.weight`. */
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Model extends Analyses, AsyncDisposable {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly tokenizer: Tokenizer;
  /** The table of activations that `runWithCache` can capture. */
  readonly activations: readonly ActivationRow[];
  readonly weights: readonly WeightInfo[];

  /**
   * Changes weights until they are undone, all edits or none. Waits for runs that are under way; a
   * generation that is has to be begun again. Resolves to how many calls can be undone.
   */
  editWeights(edits: readonly WeightEdit[]): Promise<number>;
  /** Takes back the last `count` calls (default all), to the last bit; how many are left. */
  undoWeightEdits(count?: number): Promise<number>;

  /** A copy of a weight, by its Hugging Face name, with or without `transformer.`. */
  weight(name: string): Promise<Tensor>;

  /** Runs the tokens through the model and returns the logits and the activations asked for. */
  runWithCache(
    input: ModelInput,
    options?: RunOptions & { stopAtLayer?: undefined; logits?: 'all' | 'last' },
  ): Promise<RunResultWithLogits>;
  runWithCache(input: ModelInput, options?: RunOptions): Promise<RunResult>;
  /** From a residual stream [T,C], with `startAtLayer`. */
  runWithCache(input: Tensor, options: RunOptions & { startAtLayer: number }): Promise<RunResult>;
  /** Several texts, one after the other: a result for each. */
  runWithCache(
    inputs: readonly string[] | readonly (readonly number[])[],
    options?: RunOptions,
  ): Promise<readonly RunResult[]>;

  /** What such a run would take; nothing is computed. */
  estimateRun(input: ModelInput, options?: RunOptions): Promise<RunEstimate>;

  /** Continues the input: one prefill, then a token at a time with a KV cache. */
  generate(input: ModelInput, options?: GenerateOptions): AsyncGenerator<GenerateStep, void, void>;

  /**
   * All sampling stages for one row of logits, without running the model: V numbers, or a tensor of
   * which the last row counts. `step` numbers the draw;
   * `generate` takes the position that the token fills.
   */
  sample(
    logits: Float32Array | Tensor,
    options?: SamplingOptions & {
      step?: number;
      /** What penalties look at: the prompt's token ids ... */
      prompt?: ArrayLike<number>;
      /** ... and those that were generated. */
      generated?: ArrayLike<number>;
    },
  ): SamplingStages;

  /** Stops what runs, frees the memory and the worker. Harmless when repeated. */
  dispose(): Promise<void>;
}
