/**
 * The text that the model reads: what was written, and the tokens after it that are kept as ids, because
 * they were generated or chosen: their text, tokenized anew, could give others.
 */
export interface Passage {
  readonly written: string;
  readonly ids: readonly number[];
}

export const emptyPassage: Passage = { written: '', ids: [] };

export const passageOf = (written: string): Passage => ({ written, ids: [] });

export const append = ({ written, ids }: Passage, id: number): Passage => ({
  written,
  ids: [...ids, id],
});

/** What can be done to one token of a text. */
export type TokenEdit =
  /** Another token in its place; what follows stays or goes. */
  | { kind: 'replaced'; position: number; id: number; cut: boolean }
  | { kind: 'removed'; position: number }
  /** It and all after it go. */
  | { kind: 'cut'; position: number };

export function editIds(ids: readonly number[], edit: TokenEdit): number[] {
  const before = ids.slice(0, edit.position);
  if (edit.kind === 'cut') return before;
  const after = ids.slice(edit.position + 1);
  if (edit.kind === 'removed') return [...before, ...after];
  return [...before, edit.id, ...(edit.cut ? [] : after)];
}

export const sameIds = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id, position) => id === b[position]);

/** How many tokens two texts begin with in common. */
export function sharedLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

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
