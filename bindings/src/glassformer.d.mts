// What embind/ exports. Written by hand: Emscripten's own generator knows vals only as `any`.
import type { GlassformerErrorCode } from './errors.ts';
import type { ActivationRow, ModelConfig, RunEstimate, SamplingStages } from './types.ts';

export type Outcome<T> =
  { value: T; error?: undefined } | { error: { code: GlassformerErrorCode; message: string } };

/** An object in the module's memory, there until it is deleted. */
interface Handle {
  delete(): void;
}

/** A view of the module's memory: copy it before the next call. */
export interface HeapTensor {
  name: string;
  dims: number[];
  data: Float32Array;
}

export interface CoreTokenizer extends Handle {
  readonly vocabSize: number;
  encode(text: Uint8Array, specialTokens: boolean): Outcome<Int32Array>;
  decode(ids: ArrayLike<number>): Outcome<Uint8Array>;
  bytesOf(id: number): Uint8Array;
  specialId(text: Uint8Array): number;
}

export interface CoreSampling {
  temperature: number;
  topK: number;
  topP: number;
  minP: number;
  repetitionPenalty: number;
  frequencyPenalty: number;
  presencePenalty: number;
  seed: bigint;
}

export interface CoreLoader extends Handle {
  readonly config: ModelConfig;
  begin(fileBytes: number, dtype: 'auto' | 'f32' | 'q8'): void;
  staging(bytes: number): Uint8Array;
  feed(): Outcome<undefined>;
  finish(): Outcome<CoreModel>;
}

export interface CoreModel extends Handle {
  readonly parameters: number;
  readonly bytes: number;
  readonly dtype: 'f32' | 'q8';
  readonly fileDtype: string;
  weights(): { name: string; dims: number[] }[];
  /** `count` values from `first` on, by the weight's index in `weights()`: a view, as in HeapTensor. */
  readWeight(index: number, first: number, count: number): Float32Array;
  /** While no pass is under way. How many can be undone. */
  editWeights(edits: CoreEdits): Outcome<number>;
  undoWeightEdit(): number;
}

export interface CoreRun {
  names: readonly string[];
  positions: readonly [number, number] | undefined;
  startAtLayer: number | undefined;
  /** [T,C], where the run starts at a layer. */
  residual: Float32Array | undefined;
  stopAtLayer: number | undefined;
  edits: CoreEdits;
  hooks: readonly CoreHook[];
  logits: 'all' | 'last' | 'none';
}

/** Called for each of the activations: a view of its values, and what to put in their place. */
export interface CoreHook {
  names: readonly string[];
  call(tensor: HeapTensor): Float32Array | undefined;
}

/** Edits as JSON, with 0 in place of many values; those are in `values`, by the edit's index. */
export interface CoreEdits {
  json: string;
  values: Record<number, Float32Array>;
}

export interface CoreCandidate {
  readonly id: number;
  readonly logit: number;
  /** Over the whole vocabulary. */
  readonly probability: number;
  /** Among the survivors of top-k and top-p. */
  readonly filtered: number;
}

export interface NextToken {
  readonly chosen: CoreCandidate;
  readonly candidates: readonly CoreCandidate[];
}

/** A pass over tokens, stage by stage. */
export interface CorePass extends Handle {
  /** The number of stages. */
  begin(tokens: Int32Array, options: CoreRun): Outcome<number>;
  /** Whether more remain. */
  step(): boolean;
  end(): void;
}

/** Runs over whole texts, each of which takes over what it shares with the last. */
export interface CoreRuns extends CorePass {
  readonly reused: number;
  readonly activationCount: number;
  activation(index: number): HeapTensor;
  logits(): HeapTensor | null;
}

/** A text that grows. */
export interface CoreSession extends CorePass {
  sample(options: CoreSampling, step: number): Outcome<SamplingStages>;
  sampleNext(options: CoreSampling, step: number, candidates: number): Outcome<NextToken>;
  fork(): Outcome<CoreSession>;
}

/** The answer to one question, computed in steps. */
export interface CoreAnalysis extends Handle {
  readonly done: number;
  readonly total: number;
  /** Whether more remain. */
  step(): boolean;
  /** After the last step: JSON, and how many tensors come with it. */
  reply(): Outcome<{ json: string; tensors: number }>;
  tensor(index: number): HeapTensor;
}

export interface CoreModule {
  /** Where there are threads. */
  readonly wasmMemory?: WebAssembly.Memory;
  /** Whether it was compiled with relaxed SIMD. */
  usesRelaxedSimd(): boolean;
  /** The upper end of a new stack, or 0 where there is no memory for one. */
  makeThreadStack(bytes: number): number;
  activations(): ActivationRow[];
  /** The full name that a short one stands for, or "". */
  fullActivationName(name: string, layers: number): string;
  tokenizerFromVocabAndMerges(vocab: Uint8Array, merges: Uint8Array): Outcome<CoreTokenizer>;
  tokenizerFromJson(json: Uint8Array): Outcome<CoreTokenizer>;
  sample(
    logits: ArrayLike<number>,
    options: CoreSampling,
    step: number,
    prompt: ArrayLike<number>,
    generated: ArrayLike<number>,
  ): Outcome<SamplingStages>;
  loadConfig(json: Uint8Array): Outcome<CoreLoader>;
  openAnalysis(
    model: CoreModel,
    json: string,
    edits: CoreEdits,
    values: Float32Array,
  ): Outcome<CoreAnalysis>;
  estimateRun(model: CoreModel, tokens: Int32Array, options: CoreRun): Outcome<RunEstimate>;
  openRuns(model: CoreModel): Outcome<CoreRuns>;
  openSession(model: CoreModel, capacity: number): Outcome<CoreSession>;
}

export default function createModule(options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
}): Promise<CoreModule>;
