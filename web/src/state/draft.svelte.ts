import { textOfTokens } from '../view/token_text.ts';
import type { Model } from './model_client.ts';
import { emptyPassage, History, type Passage, passageOf } from './passage.ts';

/** After so long without a key press, in milliseconds, typing anew can be undone by itself. */
const typingPause = 1000;

/** The passage on screen, as text and as tokens, and the way back to those before it. */
export class Draft {
  passage = $state.raw<Passage>(emptyPassage);
  text = $state('');
  /** Whether the text ends within a character. */
  pending = $state(false);
  canUndo = $state(false);
  readonly #history = new History();
  #typedAt = -Infinity;
  readonly #tokenizer: () => Model['tokenizer'] | undefined;

  constructor(tokenizer: () => Model['tokenizer'] | undefined) {
    this.#tokenizer = tokenizer;
  }

  show(passage: Passage): void {
    this.passage = passage;
    const generated = this.#tokenizer()?.pieces(passage.generated) ?? [];
    const { text, pending } = textOfTokens(generated.map((piece) => piece.bytes));
    this.text = passage.written + text;
    this.pending = pending;
  }

  /** Shows a passage from which undo leads back. */
  replace(passage: Passage): void {
    this.#history.push(this.passage);
    this.canUndo = true;
    this.#typedAt = -Infinity;
    this.show(passage);
  }

  /** What the person typed. What is typed without a pause is taken back at once. */
  write(text: string): void {
    const now = performance.now();
    if (now - this.#typedAt > typingPause) {
      this.#history.push(this.passage);
      this.canUndo = true;
    }
    this.#typedAt = now;
    this.show(passageOf(text));
  }

  /** Keeps the text alone: ids mean nothing to another model. */
  keepText(): void {
    this.#history.clear();
    this.canUndo = false;
    this.#typedAt = -Infinity;
    this.show(passageOf(this.text));
  }

  undo(): void {
    const passage = this.#history.pop();
    this.canUndo = this.#history.length > 0;
    this.#typedAt = -Infinity;
    if (passage) this.show(passage);
  }

  ids(): number[] {
    const { written, generated } = this.passage;
    return [...(this.#tokenizer()?.encode(written) ?? []), ...generated];
  }

  /** The text of the first so many tokens, as far as it is whole characters. */
  beginning(tokens: number): string {
    const pieces = this.#tokenizer()?.pieces(this.ids().slice(0, tokens)) ?? [];
    return textOfTokens(pieces.map((piece) => piece.bytes)).text;
  }
}
