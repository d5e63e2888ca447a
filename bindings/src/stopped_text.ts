import { StreamingText } from './tokenizer.ts';

/** Text that arrives in pieces and ends before the first of some texts. */
export class StoppedText {
  stopped = false;
  readonly #text: StreamingText;
  readonly #stops: readonly string[];
  /** What may be the beginning of a stop text. */
  #held = '';

  /** Starts after some bytes, which may end inside a character. */
  constructor(before: Uint8Array, stops: readonly string[]) {
    this.#text = new StreamingText(before);
    this.#stops = stops;
  }

  /** What is certain to belong to the text. */
  push(bytes: Uint8Array): string {
    return this.#certain(this.#text.push(bytes));
  }

  /** The rest, when nothing more comes. */
  end(): string {
    if (this.stopped) return '';
    const rest = this.#certain(this.#text.end()) + this.#held;
    this.#held = '';
    return rest;
  }

  #certain(text: string): string {
    if (this.stopped) return '';
    const all = this.#held + text;
    const places = this.#stops.map((stop) => all.indexOf(stop)).filter((place) => place >= 0);
    this.stopped = places.length > 0;
    const certain = this.stopped ? Math.min(...places) : all.length - this.#beginning(all);
    this.#held = this.stopped ? '' : all.slice(certain);
    return all.slice(0, certain);
  }

  /** How many characters at the end are the beginning of a stop text; the most. */
  #beginning(text: string): number {
    const longest = Math.max(0, ...this.#stops.map(({ length }) => length - 1));
    for (let length = Math.min(longest, text.length); length > 0; --length) {
      const end = text.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
