import { GlassformerError } from './errors.ts';
import type { CoreTokenizer } from './glassformer.mjs';
import { asGlassformerError, valueOf } from './outcome.ts';
import type { ModelInput, Piece, Tokenizer } from './types.ts';

const utf8 = new TextEncoder();
// A byte order mark is text like any other here.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** In this thread always, so that nobody has to wait for a token's text. */
export class CoreBackedTokenizer implements Tokenizer {
  #core: CoreTokenizer | null;
  #disposed = false;

  constructor(core: CoreTokenizer | null) {
    this.#core = core;
  }

  get available(): boolean {
    return this.#core !== null;
  }

  get vocabSize(): number {
    return this.#use((core) => core.vocabSize);
  }

  encode(text: string, { specialTokens = false } = {}): number[] {
    const bytes = utf8.encode(requireText(text));
    return this.#use((core) => Array.from(valueOf(core.encode(bytes, specialTokens))));
  }

  decode(ids: ArrayLike<number>): string {
    return decoder.decode(this.decodeBytes(ids));
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    return this.#use((core) => valueOf(core.decode(checkedIds(ids))));
  }

  pieces(input: string | ArrayLike<number>): Piece[] {
    const ids = typeof input === 'string' ? this.encode(input) : checkedIds(input);
    return this.#use((core) => {
      // Refuses ids that there are none of.
      valueOf(core.decode(ids));
      return Array.from(ids, (id) => {
        const bytes = core.bytesOf(id);
        return { id, text: decoder.decode(bytes), bytes };
      });
    });
  }

  specialId(text: string): number | null {
    const bytes = utf8.encode(requireText(text));
    return this.#use((core) => {
      const id = core.specialId(bytes);
      return id < 0 ? null : id;
    });
  }

  dispose(): void {
    this.#core?.delete();
    this.#core = null;
    this.#disposed = true;
  }

  #use<T>(call: (core: CoreTokenizer) => T): T {
    if (this.#disposed) throw new GlassformerError('disposed', 'This model has been disposed');
    if (!this.#core) {
      throw new GlassformerError(
        'bad-tokenizer',
        'This model came without a tokenizer (vocab.json and merges.txt, or tokenizer.json): ' +
          'give it token ids',
      );
    }
    try {
      return call(this.#core);
    } catch (error) {
      throw asGlassformerError(error);
    }
  }
}

function requireText(text: string): string {
  if (typeof text === 'string') return text;
  throw new GlassformerError('bad-option', `Text is a string, not ${String(text)}`);
}

/** Whole numbers that survive the border; whether the vocabulary has them is for core to say. */
export function checkedIds(ids: ArrayLike<number>): Int32Array<ArrayBuffer> {
  if (typeof ids !== 'object' || !Number.isSafeInteger((ids as typeof ids | null)?.length)) {
    throw new GlassformerError('bad-tokens', `Token ids come in an array, not as ${String(ids)}`);
  }
  const checked = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; ++i) {
    const id = ids[i]!;
    if ((id | 0) !== id) {
      throw new GlassformerError('bad-tokens', `Token ${i} is ${id}: ids are whole numbers`);
    }
    checked[i] = id;
  }
  return checked;
}

/** The ids that a model's input stands for. */
export const tokenIds = (tokenizer: Tokenizer, input: ModelInput): Int32Array<ArrayBuffer> =>
  checkedIds(typeof input === 'string' ? tokenizer.encode(input) : input);

const none = new Uint8Array();

/** A token's piece; an empty one without a tokenizer, or where a model has more rows than that. */
export const pieceOf = (tokenizer: Tokenizer, id: number): Piece =>
  tokenizer.available && id < tokenizer.vocabSize
    ? tokenizer.pieces([id])[0]!
    : { id, text: '', bytes: none };

/** Turns bytes that arrive in pieces into whole characters. */
export class StreamingText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Starts after some bytes, which may end inside a character. */
  constructor(before: Uint8Array) {
    this.#decoder.decode(before, { stream: true });
  }

  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What is left of a character that never became whole. */
  end(): string {
    return this.#decoder.decode();
  }
}
