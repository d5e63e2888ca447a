import type {
  AdvanceReply,
  AdvanceRequest,
  AnalysisReply,
  AnalysisRequest,
  Control,
  Engine,
  LoadedInfo,
  Notice,
  RunReply,
  RunRequest,
  TensorData,
} from './engine.ts';
import { GlassformerError } from './errors.ts';
import type { PortableFile } from './files.ts';
import type { CoreEdits } from './glassformer.mjs';
import type { ErrorData, FromWorker, Method, ToWorker } from './protocol.ts';
import type { WantedDtype } from './load_types.ts';
import type { RunEstimate } from './types.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly control: Control;
}

/** The model in a worker of its own. */
export class WorkerEngine implements Engine {
  readonly isWorker = true;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  /** Why nothing more can be asked. */
  #ended: GlassformerError | null = null;

  /** Takes a worker that has started. */
  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new GlassformerError('internal', `The worker stopped: ${event.message}`));
    };
  }

  configure(json: Uint8Array, dtype: WantedDtype): Promise<void> {
    return this.#call('configure', [json, dtype]);
  }
  readWeights(file: PortableFile, control: Control): Promise<LoadedInfo> {
    return this.#call('readWeights', [file], control);
  }
  beginWeights(fileBytes: number): Promise<void> {
    return this.#call('beginWeights', [fileBytes]);
  }
  feedWeights(chunk: Uint8Array): Promise<void> {
    // A copy is moved: the chunk may be a part of bytes that the caller keeps.
    const copy = chunk.slice();
    return this.#call('feedWeights', [copy], {}, [copy.buffer]);
  }
  finishWeights(): Promise<LoadedInfo> {
    return this.#call('finishWeights', []);
  }
  run(request: RunRequest, control: Control): Promise<RunReply> {
    if (request.hooks.length > 0) {
      return Promise.reject(
        new GlassformerError(
          'unsupported',
          'Hooks are functions, which cannot be handed to a worker: load the model with { worker: false }',
        ),
      );
    }
    return this.#call('run', [request], control);
  }
  analyze(request: AnalysisRequest, control: Control): Promise<AnalysisReply> {
    return this.#call('analyze', [request], control);
  }
  openSession(capacity: number): Promise<number> {
    return this.#call('openSession', [capacity]);
  }
  forkSession(session: number): Promise<number> {
    return this.#call('forkSession', [session]);
  }
  advance(request: AdvanceRequest, control: Control): Promise<AdvanceReply> {
    return this.#call('advance', [request], control);
  }
  async closeSession(session: number): Promise<void> {
    await this.#call('closeSession', [session]).catch((error: unknown) => {
      // It ended with the worker.
      if (!this.#ended) throw error;
    });
  }
  estimate(request: RunRequest): Promise<RunEstimate> {
    return this.#call('estimate', [request]);
  }
  weight(name: string): Promise<TensorData> {
    return this.#call('weight', [name]);
  }
  editWeights(edits: CoreEdits): Promise<number> {
    return this.#call('editWeights', [edits]);
  }
  undoWeightEdits(count: number): Promise<number> {
    return this.#call('undoWeightEdits', [count]);
  }

  dispose(): void {
    this.#end(new GlassformerError('disposed', 'This model has been disposed'));
  }

  async #call<T>(
    method: Method,
    args: unknown[],
    control: Control = {},
    transfer: Transferable[] = [],
  ): Promise<T> {
    const { signal, notify } = control;
    signal?.throwIfAborted();
    if (this.#ended) throw this.#ended;
    const id = ++this.#lastId;
    const cancel = () => this.#post({ type: 'cancel', id });
    try {
      signal?.addEventListener('abort', cancel);
      return await new Promise<T>((resolve, reject) => {
        this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject, control });
        this.#post({ type: 'call', id, method, args, notices: notify !== undefined }, transfer);
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#pending.delete(id);
    }
  }

  #post(message: ToWorker, transfer: Transferable[] = []) {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker) {
    if (message.type !== 'notice' && message.type !== 'reply') return;
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === 'notice') this.#tell(message.id, pending, message.notice);
    else if ('error' in message) pending.reject(errorOf(message.error, pending.control.signal));
    else pending.resolve(message.value);
  }

  /** A callback that throws ends its call, as it does where the model is in its thread. */
  #tell(id: number, { control, reject }: Pending, notice: Notice) {
    try {
      control.notify?.(notice);
    } catch (error) {
      reject(error);
      this.#post({ type: 'cancel', id });
    }
  }

  #end(error: GlassformerError) {
    this.#ended ??= error;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(this.#ended);
  }
}

export const errorOf = ({ code, message }: ErrorData, signal?: AbortSignal): unknown =>
  code === 'aborted'
    ? (signal?.reason ?? new DOMException(message, 'AbortError'))
    : new GlassformerError(code, message);
