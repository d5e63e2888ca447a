import { CapturedActivations } from './activation_cache.ts';
import { ModelAnalyses } from './analysis.ts';
import type { Engine, LoadedInfo, RunRequest } from './engine.ts';
import { GlassformerError } from './errors.ts';
import { generateSteps } from './generate.ts';
import type { CoreModule } from './glassformer.mjs';
import { asGlassformerError, valueOf } from './outcome.ts';
import { editsRequest, requireCount, samplingRequest } from './requests.ts';
import { runRequest } from './run_request.ts';
import { DenseTensor } from './tensor.ts';
import { checkedIds, tokenIds, type CoreBackedTokenizer } from './tokenizer.ts';
import type {
  ActivationRow,
  GenerateOptions,
  GenerateStep,
  Model,
  ModelConfig,
  ModelInfo,
  ModelInput,
  RunEstimate,
  RunOptions,
  RunResult,
  RunResultWithLogits,
  SamplingOptions,
  SamplingStages,
  Tensor,
  WeightEdit,
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

export class LoadedModel extends ModelAnalyses implements Model {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly tokenizer: CoreBackedTokenizer;
  readonly activations: readonly ActivationRow[];
  readonly weights: readonly WeightInfo[];
  readonly #engine: Engine;
  #core: CoreModule | null;

  constructor({ config, info, loaded, tokenizer, engine, core }: ModelParts) {
    super(tokenizer, engine);
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

  async editWeights(edits: readonly WeightEdit[]): Promise<number> {
    this.#alive();
    return this.#engine.editWeights(editsRequest(edits));
  }

  async undoWeightEdits(count: number = Infinity): Promise<number> {
    this.#alive();
    const most = count === Infinity ? 2 ** 31 - 1 : requireCount('count', count);
    return this.#engine.undoWeightEdits(most);
  }

  runWithCache(
    input: ModelInput,
    options?: RunOptions & { stopAtLayer?: undefined; logits?: 'all' | 'last' },
  ): Promise<RunResultWithLogits>;
  runWithCache(input: ModelInput, options?: RunOptions): Promise<RunResult>;
  runWithCache(input: Tensor, options: RunOptions & { startAtLayer: number }): Promise<RunResult>;
  runWithCache(
    inputs: readonly string[] | readonly (readonly number[])[],
    options?: RunOptions,
  ): Promise<readonly RunResult[]>;
  async runWithCache(
    input: ModelInput | Tensor | readonly ModelInput[],
    options: RunOptions = {},
  ): Promise<RunResult | readonly RunResult[]> {
    this.#alive();
    if (!isSeveral(input)) return this.#run(input, options);
    const results: RunResult[] = [];
    for (const one of input) {
      const done = results.length;
      const onStage = (stages: number, all: number) =>
        options.onStage?.(done * all + stages, input.length * all);
      results.push(await this.#run(one, { ...options, onStage }));
    }
    return results;
  }

  async #run(input: ModelInput | Tensor, options: RunOptions): Promise<RunResult> {
    const { signal, onStage } = options;
    signal?.throwIfAborted();
    const reply = await this.#engine.run(this.#runRequest(input, options), {
      signal,
      notify: onStage && (({ loaded, total }) => onStage(loaded, total)),
    });
    const activations = reply.activations.map(
      ({ name, dims, data }) => new DenseTensor(name, dims, data),
    );
    return {
      tokens: isTensor(input) ? [] : Array.from(tokenIds(this.tokenizer, input)),
      reused: reply.reused,
      logits: reply.logits && new DenseTensor('logits', reply.logits.dims, reply.logits.data),
      cache: new CapturedActivations(
        activations,
        (name) => this.#core?.fullActivationName(name, this.config.n_layer) ?? '',
      ),
    };
  }

  async estimateRun(input: ModelInput, options: RunOptions = {}): Promise<RunEstimate> {
    this.#alive();
    return this.#engine.estimate({ ...this.#runRequest(input, options), hooks: [] });
  }

  #runRequest(input: ModelInput | Tensor, options: RunOptions): RunRequest {
    return isTensor(input)
      ? { tokens: new Int32Array(), ...runRequest(this, options, input) }
      : { tokens: tokenIds(this.tokenizer, input), ...runRequest(this, options) };
  }

  async *generate(
    input: ModelInput,
    options: GenerateOptions = {},
  ): AsyncGenerator<GenerateStep, void, void> {
    this.#alive();
    const { config, tokenizer } = this;
    yield* generateSteps(
      { config, tokenizer, engine: this.#engine },
      tokenIds(tokenizer, input),
      options,
    );
  }

  sample(
    logits: Float32Array | Tensor,
    {
      step = 0,
      prompt = [],
      generated = [],
      ...options
    }: SamplingOptions & {
      step?: number;
      prompt?: ArrayLike<number>;
      generated?: ArrayLike<number>;
    } = {},
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
      return valueOf(
        core.sample(
          row,
          samplingRequest(options),
          requireCount('step', step),
          checkedIds(prompt),
          checkedIds(generated),
        ),
      );
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
}

const isTensor = (input: unknown): input is Tensor =>
  typeof input === 'object' && input !== null && 'data' in input && 'dims' in input;

/** Several texts, or several lists of token ids. */
const isSeveral = (
  input: ModelInput | Tensor | readonly ModelInput[],
): input is readonly ModelInput[] =>
  Array.isArray(input) && input.length > 0 && typeof input[0] !== 'number';
