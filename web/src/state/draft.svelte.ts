import { textOfTokens } from '../view/token_text.ts';
import type { Model } from './model_client.ts';
import { emptyPassage, History, type Passage, passageOf, sameIds } from './passage.ts';

/** After so long without a key press, in milliseconds, typing anew can be undone by itself. */
const typingPause = 1000;

/** The passage on screen, as text and as tokens, and the way back to those before it. */
export class Draft {
  passage = $state.raw<Passage>(emptyPassage);
  text = $state('');
  /** Whether the text ends within a character. */
  pending = $state(false);
  canUndo = $state(false);
  /** All ids, where the text alone would be read as others. */
  exactIds = $state.raw<readonly number[] | null>(null);
  readonly #history = new History();
  #typedAt = -Infinity;
  readonly #tokenizer: () => Model['tokenizer'] | undefined;

  constructor(tokenizer: () => Model['tokenizer'] | undefined) {
    this.#tokenizer = tokenizer;
  }

  show(passage: Passage): void {
    this.passage = passage;
    const { text, pending } = this.#textOf(passage.ids);
    this.text = passage.written + text;
    this.pending = pending;
    const ids = passage.ids.length > 0 ? this.ids() : [];
    this.exactIds = sameIds(ids, this.#encode(ids.length > 0 ? this.text : '')) ? null : ids;
  }

  /**
   * The passage of exactly these ids, which a link may have brought: nothing where the model has no such
   * tokens, or where they spell another text than the one that came with them.
   */
  passageOfIds(ids: readonly number[], text?: string): Passage | null {
    const tokenizer = this.#tokenizer();
    if (!tokenizer || ids.some((id) => id >= tokenizer.vocabSize)) return null;
    const spelled = this.#textOf(ids).text;
    if (text !== undefined && text !== spelled) return null;
    // What the text says as well is kept as text.
    return sameIds(ids, this.#encode(spelled)) ? passageOf(spelled) : { written: '', ids };
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
    const { written, ids } = this.passage;
    return [...this.#encode(written), ...ids];
  }

  /** The text of the first so many tokens, as far as it is whole characters. */
  beginning(tokens: number): string {
    return this.#textOf(this.ids().slice(0, tokens)).text;
  }

  #encode(text: string): number[] {
    return this.#tokenizer()?.encode(text) ?? [];
  }

  #textOf(ids: readonly number[]): { text: string; pending: boolean } {
    const pieces = this.#tokenizer()?.pieces(ids) ?? [];
    return textOfTokens(pieces.map((piece) => piece.bytes));
  }
}
