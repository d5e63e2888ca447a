import type { AdvanceReply, Engine } from './engine.ts';
import { GlassformerError } from './errors.ts';
import type { CoreEdits, CoreSampling } from './glassformer.mjs';
import { editsRequest, randomSeed, requireCount, samplingRequest } from './requests.ts';
import { StoppedText } from './stopped_text.ts';
import { pieceOf } from './tokenizer.ts';
import type { GenerateOptions, GenerateStep, ModelConfig, Tokenizer } from './types.ts';

/** What a generation needs of its model. */
export interface GenerationModel {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
}

interface Wishes {
  readonly maxTokens: number;
  readonly candidates: number;
  readonly stages: boolean;
  readonly stopAtEnd: boolean;
  readonly stop: readonly string[];
  readonly sampling: CoreSampling;
  readonly edits: CoreEdits;
  readonly signal: AbortSignal | undefined;
}

function wishesOf(options: GenerateOptions): Wishes {
  const { signal, stages = false, stopAtEnd = true, stop = [] } = options;
  const stops = typeof stop === 'string' ? [stop] : Array.from(stop);
  if (stops.some((text) => typeof text !== 'string' || text === '')) {
    throw new GlassformerError('bad-option', 'stop is a text, or several; none of them is empty');
  }
  return {
    maxTokens: requireCount('maxTokens', options.maxTokens ?? 50),
    candidates: requireCount('candidates', options.candidates ?? 10),
    stages,
    stopAtEnd,
    stop: stops,
    sampling: samplingRequest({ ...options, seed: options.seed ?? randomSeed() }),
    edits: editsRequest(options.edits),
    signal,
  };
}

export async function* generateSteps(
  model: GenerationModel,
  prompt: Int32Array<ArrayBuffer>,
  options: GenerateOptions,
): AsyncGenerator<GenerateStep, void, void> {
  const { engine, config } = model;
  const wishes = wishesOf(options);
  const count = requireCount('samples', options.samples ?? 1);
  wishes.signal?.throwIfAborted();
  if (wishes.maxTokens === 0 || count === 0) return;

  const capacity = Math.min(prompt.length + wishes.maxTokens, config.n_positions);
  const sessions = [await engine.openSession(capacity)];
  try {
    // The prompt is computed once.
    let running: Sample[] = [];
    for (let i = 0; i < count; ++i) {
      if (i === 1) {
        while (sessions.length < count) sessions.push(await engine.forkSession(sessions[0]!));
      }
      const sample = new Sample(model, prompt, wishes, i, sessions[i]!);
      yield await sample.next(i === 0 ? prompt : new Int32Array());
      running.push(sample);
    }
    for (;;) {
      running = running.filter(({ finish }) => finish === null);
      if (running.length === 0) return;
      for (const sample of running) yield await sample.next();
    }
  } finally {
    for (const session of sessions) await engine.closeSession(session);
  }
}

/** One continuation of the prompt. */
class Sample {
  finish: GenerateStep['finish'] = null;
  readonly #model: GenerationModel;
  readonly #wishes: Wishes;
  readonly #sampling: CoreSampling;
  readonly #index: number;
  readonly #session: number;
  readonly #text: StoppedText;
  /** Where the next token will stand. */
  #position: number;
  readonly #end: number;
  #last = new Int32Array();

  constructor(
    model: GenerationModel,
    prompt: Int32Array,
    wishes: Wishes,
    index: number,
    session: number,
  ) {
    this.#model = model;
    this.#wishes = wishes;
    const seed = BigInt.asUintN(64, wishes.sampling.seed + BigInt(index));
    this.#sampling = { ...wishes.sampling, seed };
    this.#index = index;
    this.#session = session;
    this.#text = new StoppedText(bytesOf(model.tokenizer, prompt), wishes.stop);
    this.#position = prompt.length;
    this.#end = prompt.length + wishes.maxTokens - 1;
  }

  /** Runs `tokens`, if there are any, and draws one more. */
  async next(tokens: Int32Array<ArrayBuffer> = this.#last): Promise<GenerateStep> {
    const { candidates, stages, edits, signal } = this.#wishes;
    const position = this.#position++;
    const reply = await this.#model.engine.advance(
      {
        session: this.#session,
        tokens,
        edits,
        sampling: this.#sampling,
        // The draw is numbered by the position it fills: the same text draws the same token, however
        // it came about.
        step: position,
        candidates,
        stages,
      },
      { signal },
    );
    this.#last = Int32Array.of(reply.token);
    return this.#stepOf(reply, position);
  }

  #stepOf(
    { token, probability, candidates, stages }: AdvanceReply,
    position: number,
  ): GenerateStep {
    const { tokenizer, config } = this.#model;
    const bytes = bytesOf(tokenizer, [token]);
    const ends = this.#wishes.stopAtEnd && token === config.eos_token_id;
    // The end-of-text token is no text.
    let text = ends ? '' : this.#text.push(bytes);
    if (this.#text.stopped) this.finish = 'stop';
    else if (ends) this.finish = 'end';
    else if (position === this.#end) this.finish = 'length';
    else if (position === config.n_positions) this.finish = 'context';
    if (this.finish) text += this.#text.end();
    return {
      sample: this.#index,
      id: token,
      text,
      bytes,
      position,
      probability,
      logprob: Math.log(probability),
      candidates: candidates.map((candidate) => ({
        ...pieceOf(tokenizer, candidate.id),
        ...candidate,
      })),
      ...(stages ? { sampling: stages } : {}),
      finish: this.finish,
    };
  }
}

const none = new Uint8Array();

/** Nothing for ids beyond the tokenizer's vocabulary: a model may have more rows than that. */
function bytesOf(tokenizer: Tokenizer, ids: ArrayLike<number>): Uint8Array {
  if (!tokenizer.available) return none;
  const known = Array.from(ids).filter((id) => id >= 0 && id < tokenizer.vocabSize);
  return tokenizer.decodeBytes(known);
}
