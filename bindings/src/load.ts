import { pickArtifact, threadsFor } from './artifact.ts';
import type { Engine, LoadedInfo } from './engine.ts';
import { GlassformerError } from './errors.ts';
import { type ModelFiles, type OpenFile, readAll } from './files.ts';
import type { CoreModule, CoreTokenizer } from './glassformer.mjs';
import { LoadedModel } from './model.ts';
import { asGlassformerError, valueOf } from './outcome.ts';
import { platform } from './platform.ts';
import { resolveSource } from './source.ts';
import { startWorker } from './start_worker.ts';
import { CoreBackedTokenizer } from './tokenizer.ts';
import type {
  LoadOptions,
  Model,
  ModelConfig,
  ModelInfo,
  ModelSource,
  ProgressEvent,
} from './types.ts';
import { compileWasm, instantiate } from './wasm.ts';
import { streamWeights } from './weights_stream.ts';

/**
 * Loads a model.
 *
 * @example
 * const model = await load('openai-community/gpt2', { onProgress: console.log });
 * for await (const { text } of model.generate('Once upon a time')) console.log(text);
 *
 * @throws {GlassformerError} `bad-source`, `network`, `io`, `bad-config`, `bad-tokenizer`,
 * `bad-weights`, `bad-option`, `out-of-memory` or `unsupported`. An aborted load rejects with
 * `signal.reason`.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  checkOptions(options);
  const { signal } = options;
  signal?.throwIfAborted();
  // Also stops the other downloads once one has failed.
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  const loading = new Loading(options, controller);
  try {
    // A caller's fetch may not listen to the signal; the caller need not wait for it.
    return await Promise.race([loading.load(source), rejectionBy(controller.signal)]);
  } catch (error) {
    controller.abort(error);
    loading.dispose();
    throw signal?.aborted ? signal.reason : asGlassformerError(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

const rejectionBy = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

function checkOptions({ dtype = 'auto', threads = 'auto', worker = 'auto' }: LoadOptions) {
  const refuse = (name: string, value: unknown, allowed: string) => {
    throw new GlassformerError('bad-option', `${name} is ${allowed}, not ${String(value)}`);
  };
  if (!['auto', 'f32', 'q8'].includes(dtype)) refuse('dtype', dtype, `'auto', 'f32' or 'q8'`);
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads > 0)) {
    refuse('threads', threads, `'auto' or a positive whole number`);
  }
  if (worker !== 'auto' && typeof worker !== 'boolean') {
    refuse('worker', worker, `'auto', true or false`);
  }
}

interface Started {
  readonly core: CoreModule;
  readonly engine: Engine;
}

interface SmallFile {
  readonly name: string;
  readonly file: string;
  readonly opened: OpenFile;
  readonly bytes: Uint8Array;
}

/** Each null where there is none. */
interface SmallFiles {
  readonly config: Promise<SmallFile | null>;
  readonly vocab: Promise<SmallFile | null>;
  readonly merges: Promise<SmallFile | null>;
}

/** One load: what it has opened so far must be closed when it fails. */
class Loading {
  readonly #options: LoadOptions;
  readonly #controller: AbortController;
  readonly #signal: AbortSignal;
  #engine: Engine | undefined;

  constructor(options: LoadOptions, controller: AbortController) {
    this.#options = options;
    this.#controller = controller;
    this.#signal = controller.signal;
  }

  async load(source: ModelSource): Promise<Model> {
    const resolving = resolveSource(source, this.#options);
    // The small files are on their way while the module is compiled.
    const read = (file: string, optional: boolean) => {
      const reading = resolving.then((files) => this.#read(files, file, optional));
      reading.catch(() => {}); // it matters where it is waited for, if anywhere
      return reading;
    };
    const small: SmallFiles = {
      config: read('config.json', false),
      vocab: read('vocab.json', true),
      merges: read('merges.txt', true),
    };
    const [files, { core, engine }] = await Promise.all([resolving, this.#startEngine()]);
    this.#signal.throwIfAborted();
    const configuring = this.#loadConfig(files, small, core, engine);
    // Before the engine is busy with weights: on few cores the two would slow one another.
    const tokenizing = this.#loadTokenizer(files, small, core, configuring);
    tokenizing.catch(() => {}); // it is waited for below, after the configuration
    const config = await configuring;
    const [tokenizer, loaded] = await Promise.all([tokenizing, this.#loadWeights(files, engine)]);
    this.#signal.throwIfAborted();
    const { parameters, bytes, dtype, fileDtype, relaxedSimd, threads } = loaded;
    const info: ModelInfo = {
      name: files.name,
      parameters,
      dtype,
      fileDtype,
      bytes,
      simd: true,
      relaxedSimd,
      threads,
      worker: engine.isWorker,
    };
    this.#report({ status: 'ready', name: files.name });
    return new LoadedModel({ config, info, loaded, tokenizer, engine, core });
  }

  /** After an abort: what opens later is closed at once. */
  dispose() {
    this.#engine?.dispose();
  }

  /** The engine, and a module in this thread; the same one where the engine is here too. */
  async #startEngine(): Promise<Started> {
    const threads = threadsFor(this.#options.threads);
    try {
      return await this.#startWith(threads);
    } catch (error) {
      // Memory that can be shared must be reserved as a whole, which not every machine can.
      const isOurs = threads > 1 && this.#options.wasm === undefined;
      if (!isOurs || this.#signal.aborted || !(error instanceof GlassformerError)) throw error;
      return this.#startWith(1);
    }
  }

  async #startWith(threads: number): Promise<Started> {
    const { worker = 'auto', wasm } = this.#options;
    const compiled = compileWasm(pickArtifact(threads), wasm);
    // Node has an event loop to itself; a page needs its own to stay alive.
    const wanted = worker === 'auto' ? !platform.openDirectory : worker;
    const starting = wanted ? this.#startWorker(compiled, threads) : null;
    let started: [WebAssembly.Module, CoreModule, Engine | null];
    try {
      started = await Promise.all([compiled, compiled.then(instantiate), starting]);
    } catch (error) {
      starting?.then((engine) => engine?.dispose()).catch(() => {}); // should it start yet
      throw error;
    }
    const [module, core, remote] = started;
    if (remote) return { core, engine: this.#opened(remote) };
    // Pages seldom need it: they have a worker, which brings its own.
    const { LocalEngine } = await import('./local_engine.ts');
    return { core, engine: this.#opened(new LocalEngine(core, module, threads)) };
  }

  /** Null where there can be none and none is insisted on. */
  async #startWorker(compiled: Promise<WebAssembly.Module>, threads: number) {
    try {
      return await startWorker(compiled, threads, this.#signal);
    } catch (error) {
      const { worker = 'auto' } = this.#options;
      // A worker with one thread is worth more than threads that the caller's own has to wait for.
      const isTooLarge =
        threads > 1 && error instanceof GlassformerError && error.code === 'out-of-memory';
      if (worker !== 'auto' || isTooLarge) throw error;
      return null;
    }
  }

  #opened(engine: Engine): Engine {
    this.#engine = engine;
    if (this.#signal.aborted) engine.dispose();
    return engine;
  }

  async #loadConfig(
    files: ModelFiles,
    small: SmallFiles,
    core: CoreModule,
    engine: Engine,
  ): Promise<ModelConfig> {
    const read = (await small.config) ?? missing(files, 'config.json');
    return this.#use(read, async (json) => {
      const loader = valueOf(core.loadConfig(json));
      const { config } = loader;
      loader.delete();
      await engine.configure(json, this.#options.dtype ?? 'auto');
      return config;
    });
  }

  /** From whichever files there are. They are kept once the model's configuration is known to fit. */
  async #loadTokenizer(
    files: ModelFiles,
    small: SmallFiles,
    core: CoreModule,
    configuring: Promise<ModelConfig>,
  ): Promise<CoreBackedTokenizer> {
    const [vocab, merges] = await Promise.all([small.vocab, small.merges]);
    const fitting = async (tokenizer: CoreTokenizer) => fitted(tokenizer, await configuring);
    if (vocab && merges) {
      return this.#use(vocab, (vocabJson) =>
        this.#use(merges, async (mergesTxt) =>
          fitting(valueOf(core.tokenizerFromVocabAndMerges(vocabJson, mergesTxt))),
        ),
      );
    }
    const whole = await this.#read(files, 'tokenizer.json', true);
    if (whole) {
      return this.#use(whole, async (json) => fitting(valueOf(core.tokenizerFromJson(json))));
    }
    return vocab ? missing(files, 'merges.txt') : new CoreBackedTokenizer(null);
  }

  async #loadWeights(files: ModelFiles, engine: Engine): Promise<LoadedInfo> {
    const file = 'model.safetensors';
    const { name } = files;
    const notify = ({ loaded, total }: { loaded: number; total: number }) => {
      this.#reportBytes(name, file, loaded, total);
    };
    this.#report({ status: 'initiate', name, file });
    const control = { signal: this.#signal, notify };
    const portable = engine.isWorker ? files.portable?.(file) : null;
    let info: LoadedInfo;
    if (portable) {
      this.#report({ status: 'download', name, file });
      info = await engine.readWeights(portable, control);
    } else {
      const opened = (await files.open(file, this.#signal)) ?? missing(files, file);
      this.#report({ status: 'download', name, file });
      info = await streamWeights(opened, engine, control);
    }
    this.#report({ status: 'done', name, file });
    return info;
  }

  /** A small file; null where there is none and none is needed. */
  async #read(files: ModelFiles, file: string, optional: boolean): Promise<SmallFile | null> {
    const { name } = files;
    const opened = await files.open(file, this.#signal, { optional });
    if (!opened) return null;
    this.#report({ status: 'initiate', name, file });
    this.#report({ status: 'download', name, file });
    try {
      const bytes = await readAll(opened);
      this.#reportBytes(name, file, bytes.length, bytes.length);
      return { name, file, opened, bytes };
    } catch (error) {
      await opened.rejected(error);
      throw error;
    }
  }

  async #use<T>(
    { name, file, opened, bytes }: SmallFile,
    use: (bytes: Uint8Array) => Promise<T>,
  ): Promise<T> {
    try {
      const value = await use(bytes);
      await opened.verified();
      this.#report({ status: 'done', name, file });
      return value;
    } catch (error) {
      await opened.rejected(error);
      throw error;
    }
  }

  #reportBytes(name: string, file: string, loaded: number, total: number) {
    // A length that turns out too small counted compressed bytes.
    const known = total >= loaded ? total : 0;
    const progress = known > 0 ? (100 * loaded) / known : 0;
    this.#report({ status: 'progress', name, file, progress, loaded, total: known });
  }

  /** A callback that throws ends the load, which then rejects with what it threw. */
  #report(event: ProgressEvent) {
    if (this.#signal.aborted) return;
    try {
      this.#options.onProgress?.(event);
    } catch (error) {
      this.#controller.abort(error);
    }
  }
}

function missing(files: ModelFiles, file: string): never {
  throw new GlassformerError('bad-source', `${files.name} has no ${file}`);
}

function fitted(tokenizer: CoreTokenizer, config: ModelConfig) {
  if (tokenizer.vocabSize > config.vocab_size) {
    throw new GlassformerError(
      'bad-tokenizer',
      `The tokenizer has ${tokenizer.vocabSize} tokens, but the model only ` +
        `${config.vocab_size} (vocab_size in config.json)`,
    );
  }
  return new CoreBackedTokenizer(tokenizer);
}
