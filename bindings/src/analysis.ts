// Analyses: arguments as people write them -> requests to the engine -> results with texts.
import type {
  ActivationPatching,
  ActivationPatchingOptions,
  Analyses,
  AnalysisOptions,
  Explanation,
  ExplainOptions,
  HeadScores,
  HeadScoresOptions,
  LensToken,
  LogitAttribution,
  LogitAttributionOptions,
  LogitLens,
  LogitLensOptions,
  Metric,
  NearestTokensOptions,
  NearToken,
  PrincipalComponents,
  PrincipalComponentsOptions,
  TextLoss,
  TextLossOptions,
  TokenInput,
  TokenSpace,
  TokenSum,
} from './analysis_types.ts';
import type { Engine } from './engine.ts';
import { GlassformerError } from './errors.ts';
import { editsRequest } from './requests.ts';
import { DenseTensor } from './tensor.ts';
import { pieceOf, tokenIds } from './tokenizer.ts';
import type { ModelInput, Tensor, Tokenizer } from './types.ts';

/** An answer: what JSON has of it, and its tensors by name. */
interface Answer<T> {
  readonly data: T;
  tensor(name: string): Tensor;
}

/** What every request may come with. */
type AskOptions = { [Option in keyof AnalysisOptions]: AnalysisOptions[Option] | undefined };

const none = new Float32Array();

export class ModelAnalyses implements Analyses {
  readonly #tokenizer: Tokenizer;
  readonly #engine: Engine;

  constructor(tokenizer: Tokenizer, engine: Engine) {
    this.#tokenizer = tokenizer;
    this.#engine = engine;
  }

  async logitLens(input: ModelInput, options: LogitLensOptions = {}): Promise<LogitLens> {
    const { sublayers, top, tokens: tracked = [], ...run } = options;
    const tokens = this.#tokens(input);
    const request = { tokens, sublayers, top, tracked: this.#ids(tracked) };
    type Data = Pick<LogitLens, 'layers'>;
    const { data } = await this.#ask<Data>('logit_lens', request, run);
    const withText = (token: LensToken) => ({ ...token, text: this.#text(token.id) });
    const layers = data.layers.map(({ name, positions }) => ({
      name,
      positions: positions.map((position) => ({
        ...position,
        top: position.top.map(withText),
        target: withText(position.target),
        tracked: position.tracked.map(withText),
      })),
    }));
    return { tokens, layers };
  }

  async logitAttribution(
    input: ModelInput,
    { position, token, against, ...run }: LogitAttributionOptions = {},
  ): Promise<LogitAttribution> {
    const request = {
      tokens: this.#tokens(input),
      position,
      token: token === undefined ? undefined : this.#id(token),
      against: against === undefined ? undefined : this.#id(against),
    };
    return (await this.#ask<LogitAttribution>('logit_attribution', request, run)).data;
  }

  async headScores(
    input?: ModelInput | null,
    { length, seed, ...run }: HeadScoresOptions = {},
  ): Promise<HeadScores> {
    const given = input !== undefined && input !== null;
    const request = given ? { tokens: this.#tokens(input) } : { length, seed };
    type Data = Pick<HeadScores, 'tokens' | 'repeatedPositions'>;
    const { data, tensor } = await this.#ask<Data>('head_scores', request, run);
    return {
      ...data,
      previous: tensor('previous'),
      duplicate: tensor('duplicate'),
      induction: tensor('induction'),
    };
  }

  async attentionRollout(input: ModelInput, options: AnalysisOptions = {}): Promise<Tensor> {
    const request = { tokens: this.#tokens(input) };
    return (await this.#ask('attention_rollout', request, options)).tensor('rollout');
  }

  async attentionDotProducts(
    input: ModelInput,
    block: number,
    options: AnalysisOptions = {},
  ): Promise<Tensor> {
    const request = { tokens: this.#tokens(input), block };
    return (await this.#ask('attention_dot_products', request, options)).tensor('dot_products');
  }

  async activationPatching(
    from: ModelInput,
    into: ModelInput,
    { metric, activation, axis, ...run }: ActivationPatchingOptions,
  ): Promise<ActivationPatching> {
    const request = {
      from: this.#tokens(from),
      into: this.#tokens(into),
      activation,
      axis,
      metric: this.#metric(metric),
    };
    type Data = Pick<ActivationPatching, 'from' | 'into'>;
    const { data, tensor } = await this.#ask<Data>('activation_patching', request, run);
    return { ...data, values: tensor('values') };
  }

  async tokenDirection(tokens: TokenSum, { space }: { space?: TokenSpace } = {}): Promise<Tensor> {
    const request = { space, tokens: this.#terms(tokens) };
    return (await this.#ask('token_combination', request)).tensor('direction');
  }

  async nearestTokens(
    direction: TokenSum | Float32Array | Tensor,
    { space, by, top, exclude, signal }: NearestTokensOptions = {},
  ): Promise<readonly NearToken[]> {
    const vector = vectorIn(direction);
    const excluded = exclude
      ? this.#ids(exclude)
      : vector
        ? []
        : this.#terms(direction as TokenSum).map(({ id }) => id);
    const values =
      vector ??
      (await this.tokenDirection(direction as TokenSum, { space: space ?? 'input' })).data;
    const request = { space, by, top, exclude: excluded };
    type Data = { tokens: { id: number; similarity: number }[] };
    const { data } = await this.#ask<Data>('nearest_tokens', request, { signal }, values);
    return data.tokens.map((token) => ({ ...token, text: this.#text(token.id) }));
  }

  async principalComponents(
    vectors: Tensor | readonly ArrayLike<number>[],
    { components, ...run }: PrincipalComponentsOptions = {},
  ): Promise<PrincipalComponents> {
    const { dims, data: values } = matrixOf(vectors);
    const { tensor } = await this.#ask('principal_components', { dims, components }, run, values);
    return {
      coordinates: tensor('coordinates'),
      components: tensor('components'),
      mean: tensor('mean'),
      explained: tensor('explained'),
    };
  }

  async textLoss(input: ModelInput, { stride, ...run }: TextLossOptions = {}): Promise<TextLoss> {
    const tokens = this.#tokens(input);
    type Data = Omit<TextLoss, 'tokens' | 'losses'>;
    const { data, tensor } = await this.#ask<Data>('text_loss', { tokens, stride }, run);
    return { ...data, tokens, losses: tensor('losses') };
  }

  async explain(
    input: ModelInput,
    name: string,
    index: readonly number[],
    { terms, ...run }: ExplainOptions = {},
  ): Promise<Explanation> {
    const request = { tokens: this.#tokens(input), name, index: Array.from(index), terms };
    return (await this.#ask<Explanation>('explain', request, run)).data;
  }

  async #ask<T>(
    kind: string,
    request: object,
    { edits, signal, onProgress }: AskOptions = {},
    values: Float32Array = none,
  ): Promise<Answer<T>> {
    signal?.throwIfAborted();
    const json = JSON.stringify({ kind, ...request });
    const reply = await this.#engine.analyze(
      { json, edits: editsRequest(edits), values: values.slice() },
      { signal, notify: onProgress && (({ loaded, total }) => onProgress(loaded, total)) },
    );
    return {
      data: JSON.parse(reply.json, endless) as T,
      tensor: (name) => {
        const { dims, data } = reply.tensors.find((tensor) => tensor.name === name)!;
        return new DenseTensor(name, dims, data);
      },
    };
  }

  #tokens(input: ModelInput): number[] {
    return Array.from(tokenIds(this.#tokenizer, input));
  }

  #id(token: TokenInput): number {
    if (typeof token !== 'string') return token;
    const ids = this.#tokenizer.encode(token, { specialTokens: true });
    if (ids.length === 1) return ids[0]!;
    const pieces = this.#tokenizer.pieces(ids).map(({ text }) => JSON.stringify(text));
    throw new GlassformerError(
      'bad-option',
      `${JSON.stringify(token)} is not one token but ${ids.length}` +
        (ids.length > 0 && ids.length < 10 ? `: ${pieces.join(', ')}` : ''),
    );
  }

  #ids(tokens: readonly TokenInput[]): number[] {
    return Array.from(tokens, (token) => this.#id(token));
  }

  #terms(tokens: TokenSum): { id: number; weight: number }[] {
    const terms = typeof tokens === 'object' ? tokens : [tokens];
    return terms.map((term) =>
      typeof term === 'object'
        ? { id: this.#id(term[0]), weight: term[1] }
        : { id: this.#id(term), weight: 1 },
    );
  }

  #metric(metric: Metric): object {
    if (typeof metric !== 'object' || metric === null) {
      throw new GlassformerError('bad-option', 'metric is an object such as { token, against }');
    }
    if (metric.kind === 'kl_divergence') return metric;
    const tokens = { ...metric, token: this.#id(metric.token) };
    return 'against' in tokens ? { ...tokens, against: this.#id(tokens.against) } : tokens;
  }

  #text(id: number): string {
    return pieceOf(this.#tokenizer, id).text;
  }
}

/** Numbers that JSON does not know; no text in an answer is spelled like one. */
function endless(_key: string, value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
}

function vectorIn(direction: unknown): Float32Array | null {
  if (direction instanceof Float32Array) return direction;
  const data = (direction as Partial<Tensor> | null)?.data;
  return data instanceof Float32Array ? data : null;
}

function matrixOf(vectors: Tensor | readonly ArrayLike<number>[]) {
  if (!Array.isArray(vectors)) {
    const { dims, data } = vectors as Tensor;
    // More axes are more rows: [T,H,D] are T x H vectors.
    const width = dims.at(-1)!;
    return { dims: [data.length / width, width], data };
  }
  const width = vectors[0]?.length ?? 0;
  const data = new Float32Array(vectors.length * width);
  for (const [i, row] of vectors.entries()) {
    if (row.length !== width) {
      throw new GlassformerError(
        'bad-option',
        `Vector ${i} has ${row.length} numbers, the first one ${width}`,
      );
    }
    data.set(row, i * width);
  }
  return { dims: [vectors.length, width], data };
}
