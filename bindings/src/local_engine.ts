import { openDownload } from './download.ts';
import type {
  AdvanceReply,
  AdvanceRequest,
  AnalysisReply,
  AnalysisRequest,
  Control,
  Engine,
  LoadedInfo,
  RunReply,
  RunRequest,
  TensorData,
} from './engine.ts';
import { GlassformerError } from './errors.ts';
import { openBlob, type PortableFile } from './files.ts';
import type {
  CoreEdits,
  CoreLoader,
  CoreModel,
  CoreModule,
  CorePass,
  CoreRun,
  CoreRuns,
  CoreSession,
  HeapTensor,
} from './glassformer.mjs';
import { asGlassformerError, valueOf } from './outcome.ts';
import { makePace } from './pace.ts';
import { Threads } from './threads.ts';
import { streamWeights } from './weights_stream.ts';
import { CalledHooks } from './hooks.ts';
import type { WantedDtype } from './load_types.ts';
import type { RunEstimate } from './types.ts';

/** The weights are copied into the module's memory in pieces of at most this many bytes. */
const stagingBytes = 1 << 20;
/** ... and out of it in pieces of at most this many numbers. */
const stagingFloats = 1 << 18;

/** A pass that a generation makes. */
const plainRun: CoreRun = {
  names: [],
  positions: undefined,
  startAtLayer: undefined,
  residual: undefined,
  stopAtLayer: undefined,
  edits: { json: '[]', values: {} },
  hooks: [],
  logits: 'last',
};

/** The model in this thread. */
export class LocalEngine implements Engine {
  readonly isWorker = false;
  #core: CoreModule | null;
  #loader: CoreLoader | null = null;
  #dtype: WantedDtype = 'auto';
  #model: CoreModel | null = null;
  /** What the next run continues from. */
  #runs: CoreRuns | null = null;
  readonly #sessions = new Map<number, CoreSession>();
  #lastSession = 0;
  /** What reads the weights, and must not see them change. */
  readonly #running = new Set<Promise<unknown>>();
  /** Once the module has broken, nothing that it computes can be trusted. */
  #broken: unknown;

  readonly #startThreads: () => Threads;
  #threads: Threads | null = null;

  constructor(core: CoreModule, module: WebAssembly.Module, threads: number) {
    this.#core = core;
    this.#startThreads = () => new Threads(core, module, threads);
  }

  async configure(json: Uint8Array, dtype: WantedDtype): Promise<void> {
    this.#dtype = dtype;
    const core = this.#alive();
    this.#loader = this.#guarded(() => valueOf(core.loadConfig(json)));
  }

  async readWeights(file: PortableFile, control: Control): Promise<LoadedInfo> {
    const signal = control.signal ?? new AbortController().signal;
    const opened =
      file.kind === 'blob'
        ? openBlob(file.label, file.blob)
        : (await openDownload(file.address, { cache: file.cache, optional: false, signal }))!;
    return streamWeights(opened, this, control);
  }

  async beginWeights(fileBytes: number): Promise<void> {
    this.#alive();
    this.#guarded(() => this.#loader!.begin(fileBytes, this.#dtype));
  }

  async feedWeights(chunk: Uint8Array): Promise<void> {
    this.#alive();
    this.#guarded(() => {
      for (let begin = 0; begin < chunk.length; begin += stagingBytes) {
        const piece = chunk.subarray(begin, begin + stagingBytes);
        this.#loader!.staging(piece.length).set(piece);
        valueOf(this.#loader!.feed());
      }
    });
  }

  async finishWeights(): Promise<LoadedInfo> {
    const core = this.#alive();
    return this.#guarded(() => {
      const model = valueOf(this.#loader!.finish());
      this.#loader!.delete();
      this.#loader = null;
      this.#model = model;
      // Before there is anything to compute they would only take the cores from what leads to it.
      this.#threads = this.#startThreads();
      return {
        parameters: model.parameters,
        bytes: model.bytes,
        dtype: model.dtype,
        fileDtype: model.fileDtype,
        relaxedSimd: core.usesRelaxedSimd(),
        threads: this.#threads.count,
        weights: model.weights(),
      };
    });
  }

  async run({ tokens, hooks, ...rest }: RunRequest, control: Control): Promise<RunReply> {
    const core = this.#alive();
    const called = new CalledHooks(hooks);
    const options: CoreRun = { ...rest, hooks: called.forCore };
    // Those of a run that is still under way are left to it.
    const runs = this.#runs ?? this.#guarded(() => valueOf(core.openRuns(this.#model!)));
    this.#runs = null;
    try {
      await this.#pass(runs, tokens, options, control, () => called.rethrow());
      return { ...results(runs, options), reused: runs.reused };
    } catch (error) {
      throw this.#failure(error);
    } finally {
      if (this.#core && !this.#broken && !this.#runs) {
        runs.end();
        this.#runs = runs;
      } else {
        runs.delete();
      }
    }
  }

  analyze(request: AnalysisRequest, control: Control): Promise<AnalysisReply> {
    return this.#counted(this.#analysis(request, control));
  }

  async #analysis(request: AnalysisRequest, control: Control): Promise<AnalysisReply> {
    const core = this.#alive();
    const { json, edits, values } = request;
    const analysis = this.#guarded(() =>
      valueOf(core.openAnalysis(this.#model!, json, edits, values)),
    );
    try {
      const pace = makePace(control.signal);
      do {
        await pace();
        this.#alive();
        const { done: loaded, total } = analysis;
        control.notify?.({ loaded, total });
      } while (analysis.step());
      const answer = valueOf(analysis.reply());
      return {
        json: answer.json,
        tensors: Array.from({ length: answer.tensors }, (_, i) => copied(analysis.tensor(i))),
      };
    } catch (error) {
      throw this.#failure(error);
    } finally {
      if (this.#core && !this.#broken) analysis.delete();
    }
  }

  async openSession(capacity: number): Promise<number> {
    const core = this.#alive();
    return this.#keep(this.#guarded(() => valueOf(core.openSession(this.#model!, capacity))));
  }

  async forkSession(session: number): Promise<number> {
    const original = this.#session(session);
    return this.#keep(this.#guarded(() => valueOf(original.fork())));
  }

  async advance(request: AdvanceRequest, control: Control): Promise<AdvanceReply> {
    const session = this.#session(request.session);
    try {
      const options = { ...plainRun, edits: request.edits };
      if (request.tokens.length > 0) await this.#pass(session, request.tokens, options, control);
      const { sampling, step, candidates } = request;
      const next = valueOf(session.sampleNext(sampling, step, candidates));
      const stages = request.stages ? valueOf(session.sample(sampling, step)) : null;
      session.end();
      const { id, probability } = next.chosen;
      return { token: id, probability, candidates: next.candidates, stages };
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async closeSession(session: number): Promise<void> {
    this.#sessions.get(session)?.delete();
    this.#sessions.delete(session);
  }

  async estimate({ tokens, ...options }: RunRequest): Promise<RunEstimate> {
    const core = this.#alive();
    return this.#guarded(() =>
      valueOf(core.estimateRun(this.#model!, tokens, { ...options, hooks: [] })),
    );
  }

  async weight(name: string): Promise<TensorData> {
    this.#alive();
    const model = this.#model!;
    const weights = model.weights();
    const index = weights.findIndex((candidate) => candidate.name === name);
    if (index < 0) throw new GlassformerError('bad-name', `There is no weight "${name}"`);
    const { dims } = weights[index]!;
    const data = newFloats(
      name,
      dims.reduce((size, dim) => size * dim, 1),
    );
    this.#guarded(() => {
      for (let first = 0; first < data.length; first += stagingFloats) {
        const count = Math.min(stagingFloats, data.length - first);
        data.set(model.readWeight(index, first, count), first);
      }
    });
    return { name, dims, data };
  }

  async editWeights(edits: CoreEdits): Promise<number> {
    await this.#idle();
    return this.#guarded(() => valueOf(this.#model!.editWeights(edits)));
  }

  async undoWeightEdits(count: number): Promise<number> {
    await this.#idle();
    return this.#guarded(() => {
      let left = this.#model!.undoWeightEdit();
      for (let i = 1; i < count && left > 0; ++i) left = this.#model!.undoWeightEdit();
      return left;
    });
  }

  dispose(): void {
    if (!this.#core) return;
    for (const session of this.#sessions.values()) session.delete();
    this.#sessions.clear();
    this.#runs?.delete();
    this.#loader?.delete();
    this.#model?.delete();
    this.#threads?.terminate();
    // The module's memory goes with the last reference to it.
    this.#core = this.#runs = this.#loader = this.#model = null;
  }

  #alive(): CoreModule {
    if (!this.#core) throw new GlassformerError('disposed', 'This model has been disposed');
    if (this.#broken) throw this.#broken;
    return this.#core;
  }

  /** Calls into the module. */
  #guarded<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): unknown {
    const failure = asGlassformerError(error);
    if (failure !== error) this.#broken = failure;
    return failure;
  }

  #keep(session: CoreSession): number {
    this.#sessions.set(++this.#lastSession, session);
    return this.#lastSession;
  }

  #session(id: number): CoreSession {
    this.#alive();
    const session = this.#sessions.get(id);
    if (!session) throw new GlassformerError('internal', 'This session is closed');
    return session;
  }

  /** When nothing reads the weights any more; new work may begin only after the caller's. */
  async #idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#alive();
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  #pass(
    session: CorePass,
    tokens: Int32Array,
    options: CoreRun,
    control: Control,
    afterStage?: () => void,
  ): Promise<void> {
    return this.#counted(this.#stages(session, tokens, options, control, afterStage));
  }

  async #stages(
    session: CorePass,
    tokens: Int32Array,
    options: CoreRun,
    control: Control,
    afterStage = () => {},
  ) {
    const pace = makePace(control.signal);
    control.signal?.throwIfAborted();
    const total = valueOf(session.begin(tokens, options));
    for (let loaded = 1, more = true; more; ++loaded) {
      await pace();
      this.#alive();
      more = session.step();
      afterStage();
      control.notify?.({ loaded, total });
    }
  }
}

function results(runs: CoreRuns, { logits: rows }: CoreRun) {
  const activations = Array.from({ length: runs.activationCount }, (_, i) =>
    copied(runs.activation(i)),
  );
  // Captured and returned, they are the same numbers: one copy serves both.
  const captured = activations.find(({ name }) => name === 'logits');
  if (captured && rows === 'all') return { logits: captured, activations };
  const logits = runs.logits();
  return { logits: logits && copied(logits), activations };
}

function copied({ name, dims, data }: HeapTensor): TensorData {
  const copy = newFloats(name, data.length);
  copy.set(data);
  return { name, dims, data: copy };
}

function newFloats(name: string, length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch (cause) {
    const megabytes = Math.ceil((length * 4) / 1e6);
    throw new GlassformerError('out-of-memory', `There is no memory for ${name}, ${megabytes} MB`, {
      cause,
    });
  }
}
