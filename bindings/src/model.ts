import { CapturedActivations } from './activation_cache.ts';
import type { Engine, LoadedInfo } from './engine.ts';
import { GlassformerError } from './errors.ts';
import { generateSteps } from './generate.ts';
import type { CoreModule } from './glassformer.mjs';
import { asGlassformerError, valueOf } from './outcome.ts';
import { requireCount, runRequest, samplingRequest } from './requests.ts';
import { DenseTensor } from './tensor.ts';
import { checkedIds, type CoreBackedTokenizer } from './tokenizer.ts';
import type {
  ActivationRow,
  GenerateOptions,
  GenerateStep,
  Model,
  ModelConfig,
  ModelInfo,
  ModelInput,
  RunOptions,
  RunResult,
  RunResultWithLogits,
  SamplingOptions,
  SamplingStages,
  Tensor,
  WeightInfo,
} from './types.ts';

export interface ModelParts {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly loaded: LoadedInfo;
  readonly tokenizer: CoreBackedTokenizer;
  readonly engine: Engine;
  /** In this thread: for what must not wait for the engine. */
  readonly core: CoreModule;
}

export class LoadedModel implements Model {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly tokenizer: CoreBackedTokenizer;
  readonly activations: readonly ActivationRow[];
  readonly weights: readonly WeightInfo[];
  readonly #engine: Engine;
  #core: CoreModule | null;

  constructor({ config, info, loaded, tokenizer, engine, core }: ModelParts) {
    this.config = config;
    this.info = info;
    this.tokenizer = tokenizer;
    this.activations = core.activations();
    this.weights = loaded.weights;
    this.#engine = engine;
    this.#core = core;
  }

  async weight(name: string): Promise<Tensor> {
    this.#alive();
    const { dims, data } = await this.#engine.weight(String(name).replace(/^transformer\./, ''));
    return new DenseTensor(name, dims, data);
  }

  runWithCache(
    input: ModelInput,
    options?: RunOptions & { stopAtLayer?: undefined; logits?: 'all' | 'last' },
  ): Promise<RunResultWithLogits>;
  runWithCache(input: ModelInput, options?: RunOptions): Promise<RunResult>;
  async runWithCache(input: ModelInput, options: RunOptions = {}): Promise<RunResult> {
    this.#alive();
    const { signal, onStage } = options;
    signal?.throwIfAborted();
    const tokens = this.#tokensOf(input);
    const reply = await this.#engine.run(
      { tokens, ...runRequest(options) },
      {
        signal,
        notify: onStage && (({ loaded, total }) => onStage(loaded, total)),
      },
    );
    const activations = reply.activations.map(
      ({ name, dims, data }) => new DenseTensor(name, dims, data),
    );
    return {
      tokens: Array.from(tokens),
      reused: reply.reused,
      logits: reply.logits && new DenseTensor('logits', reply.logits.dims, reply.logits.data),
      cache: new CapturedActivations(activations),
    };
  }

  async *generate(
    input: ModelInput,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateStep, void, void> {
    this.#alive();
    const { config, tokenizer } = this;
    yield* generateSteps(
      { config, tokenizer, engine: this.#engine },
      this.#tokensOf(input),
      options,
    );
  }

  sample(
    logits: Float32Array | Tensor,
    { step = 0, ...options }: SamplingOptions & { step?: number } = {},
  ): SamplingStages {
    const core = this.#alive();
    const data = logits instanceof Float32Array ? logits : logits?.data;
    const { vocab_size } = this.config;
    if (!(data instanceof Float32Array) || data.length === 0 || data.length % vocab_size !== 0) {
      throw new GlassformerError(
        'bad-option',
        `sample takes a Float32Array of ${vocab_size} logits, or a tensor of such rows`,
      );
    }
    const row = data.subarray(data.length - vocab_size);
    try {
      return valueOf(core.sample(row, samplingRequest(options), requireCount('step', step)));
    } catch (error) {
      throw asGlassformerError(error);
    }
  }

  async dispose(): Promise<void> {
    this.#core = null;
    this.tokenizer.dispose();
    this.#engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #alive(): CoreModule {
    if (!this.#core) throw new GlassformerError('disposed', 'This model has been disposed');
    return this.#core;
  }

  #tokensOf(input: ModelInput): Int32Array<ArrayBuffer> {
    return checkedIds(typeof input === 'string' ? this.tokenizer.encode(input) : input);
  }
}
