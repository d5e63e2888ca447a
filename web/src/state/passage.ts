/**
 * The text that the model reads: what was written, and the tokens that were generated after it. The
 * generated tokens are kept as ids: their text, tokenized anew, could give others.
 */
export interface Passage {
  readonly written: string;
  readonly generated: readonly number[];
}

export const emptyPassage: Passage = { written: '', generated: [] };

export const passageOf = (written: string): Passage => ({ written, generated: [] });

export const append = ({ written, generated }: Passage, id: number): Passage => ({
  written,
  generated: [...generated, id],
});

/** Earlier passages, to go back to; the oldest are forgotten. */
export class History {
  readonly #capacity: number;
  #passages: Passage[] = [];

  constructor(capacity = 1000) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#passages.length;
  }

  push(passage: Passage): void {
    this.#passages.push(passage);
    if (this.#passages.length > this.#capacity) this.#passages.shift();
  }

  pop(): Passage | undefined {
    return this.#passages.pop();
  }

  clear(): void {
    this.#passages = [];
  }
}
