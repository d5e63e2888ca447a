import type { AdvanceReply, Engine } from './engine.ts';
import { editsRequest, randomSeed, requireCount, samplingRequest } from './requests.ts';
import { StreamingText } from './tokenizer.ts';
import type { GenerateOptions, GenerateStep, ModelConfig, Tokenizer } from './types.ts';

/** What a generation needs of its model. */
export interface GenerationModel {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
}

export async function* generateSteps(
  { config, tokenizer, engine }: GenerationModel,
  prompt: Int32Array<ArrayBuffer>,
  options: GenerateOptions,
): AsyncGenerator<GenerateStep, void, void> {
  const { signal, stages = false, stopAtEnd = true } = options;
  const maxTokens = requireCount('maxTokens', options.maxTokens ?? 50);
  const candidates = requireCount('candidates', options.candidates ?? 10);
  const sampling = samplingRequest({ ...options, seed: options.seed ?? randomSeed() });
  const edits = editsRequest(options.edits);
  signal?.throwIfAborted();
  if (maxTokens === 0) return;

  const text = new StreamingText(bytesOf(tokenizer, prompt));
  const session = await engine.openSession(Math.min(prompt.length + maxTokens, config.n_positions));
  try {
    let tokens = prompt;
    for (let step = 0; ; ++step) {
      const position = prompt.length + step;
      // The draw is numbered by the position it fills: the same text draws the same token, however
      // it came about.
      const request = { session, tokens, edits, sampling, step: position, candidates, stages };
      const reply = await engine.advance(request, { signal });
      const finish =
        stopAtEnd && reply.token === config.eos_token_id
          ? 'end'
          : step + 1 === maxTokens
            ? 'length'
            : position === config.n_positions
              ? 'context'
              : null;
      yield stepOf(reply, tokenizer, text, position, finish);
      if (finish) return;
      tokens = Int32Array.of(reply.token);
    }
  } finally {
    await engine.closeSession(session);
  }
}

function stepOf(
  { token, probability, candidates, stages }: AdvanceReply,
  tokenizer: Tokenizer,
  text: StreamingText,
  position: number,
  finish: GenerateStep['finish'],
): GenerateStep {
  const bytes = bytesOf(tokenizer, [token]);
  // The end-of-text token is no text.
  const shown = finish === 'end' ? '' : text.push(bytes);
  return {
    id: token,
    text: finish ? shown + text.end() : shown,
    bytes,
    position,
    probability,
    logprob: Math.log(probability),
    candidates: candidates.map((candidate) => ({
      ...pieceOf(tokenizer, candidate.id),
      ...candidate,
    })),
    ...(stages ? { sampling: stages } : {}),
    finish,
  };
}

const none = new Uint8Array();

/** Nothing for ids beyond the tokenizer's vocabulary: a model may have more rows than that. */
function bytesOf(tokenizer: Tokenizer, ids: ArrayLike<number>): Uint8Array {
  if (!tokenizer.available) return none;
  const known = Array.from(ids).filter((id) => id >= 0 && id < tokenizer.vocabSize);
  return tokenizer.decodeBytes(known);
}

function pieceOf(tokenizer: Tokenizer, id: number) {
  if (!tokenizer.available || id >= tokenizer.vocabSize) return { id, text: '', bytes: none };
  return tokenizer.pieces([id])[0]!;
}
