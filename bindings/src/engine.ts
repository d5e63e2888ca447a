// What computes: the model's side of the border, the same in this thread (LocalEngine) and in a
// worker (WorkerEngine). Arguments and results can be posted between threads as they are.
import type { PortableFile } from './files.ts';
import type { CoreCandidate, CoreEdits, CoreRun, CoreSampling } from './glassformer.mjs';
import type { Hook, RunEstimate, SamplingStages, WeightInfo } from './types.ts';
import type { WantedDtype, WeightDtype } from './load_types.ts';

export interface TensorData {
  readonly name: string;
  readonly dims: number[];
  readonly data: Float32Array<ArrayBuffer>;
}

export interface LoadedInfo {
  readonly parameters: number;
  readonly bytes: number;
  readonly dtype: WeightDtype;
  readonly fileDtype: string;
  readonly relaxedSimd: boolean;
  readonly threads: number;
  readonly weights: readonly WeightInfo[];
}

export interface RunRequest extends Omit<CoreRun, 'hooks'> {
  /** Empty where the run starts at a layer. */
  readonly tokens: Int32Array<ArrayBuffer>;
  /** Functions cannot be posted: none for a worker. */
  readonly hooks: readonly RequestedHook[];
}

export interface RequestedHook {
  readonly names: readonly string[];
  readonly call: Hook;
}

export interface RunReply {
  readonly logits: TensorData | null;
  readonly activations: readonly TensorData[];
  /** Positions taken over from the run before. */
  readonly reused: number;
}

export interface AdvanceRequest {
  readonly session: number;
  /** New tokens, after those of earlier calls. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly edits: CoreEdits;
  readonly sampling: CoreSampling;
  /** The number of the draw. */
  readonly step: number;
  readonly candidates: number;
  readonly stages: boolean;
}

export interface AdvanceReply {
  readonly token: number;
  readonly probability: number;
  readonly candidates: readonly CoreCandidate[];
  readonly stages: SamplingStages | null;
}

export interface AnalysisRequest {
  readonly json: string;
  readonly edits: CoreEdits;
  /** A vector, or vectors; empty where there are none. */
  readonly values: Float32Array;
}

export interface AnalysisReply {
  readonly json: string;
  readonly tensors: readonly TensorData[];
}

/** `loaded` and `total` count bytes of a download, stages of a run, or parts of an analysis. */
export interface Notice {
  readonly loaded: number;
  readonly total: number;
}

/** What accompanies a call: how to stop it, and whom to tell how far it is. */
export interface Control {
  readonly signal?: AbortSignal | undefined;
  readonly notify?: ((notice: Notice) => void) | undefined;
}

export interface Engine {
  readonly isWorker: boolean;
  /** Checks config.json, and says how weights shall be held; first. */
  configure(json: Uint8Array, dtype: WantedDtype): Promise<void>;
  /** The weights, read by the engine itself ... */
  readWeights(file: PortableFile, control: Control): Promise<LoadedInfo>;
  /** ... or handed over chunk by chunk. */
  beginWeights(fileBytes: number): Promise<void>;
  feedWeights(chunk: Uint8Array): Promise<void>;
  finishWeights(): Promise<LoadedInfo>;

  run(request: RunRequest, control: Control): Promise<RunReply>;
  analyze(request: AnalysisRequest, control: Control): Promise<AnalysisReply>;
  /** A context of at most so many positions, with a KV cache. */
  openSession(capacity: number): Promise<number>;
  /** Another context that begins as this one does. */
  forkSession(session: number): Promise<number>;
  /** Runs the new tokens, if there are any, and draws the next one. */
  advance(request: AdvanceRequest, control: Control): Promise<AdvanceReply>;
  closeSession(session: number): Promise<void>;
  estimate(request: RunRequest): Promise<RunEstimate>;
  weight(name: string): Promise<TensorData>;
  /** Each waits for what is running. How many can be undone. */
  editWeights(edits: CoreEdits): Promise<number>;
  undoWeightEdits(count: number): Promise<number>;
  dispose(): void;
}
