import type { Explanation } from 'glassformer';
import { nameOf, type Subject } from '../view/explanation.ts';
import type { Explained } from './inspector.svelte.ts';
import { rest } from './following.svelte.ts';
import { sameIds } from './passage.ts';

/** Answers of one run are kept until they have so many terms together. */
const most = 8192;

/** What the package says of the number that is looked at for the moment. */
export class Looked {
  explanation = $state.raw<Explanation | null>(null);
  #of: Explained | null = null;
  #known: Explanation[] = [];

  /**
   * Explains a number with so many terms, at once where that was asked before, and otherwise when the pointer
   * stays; what it returns stops it.
   */
  at({ model, ids }: Explained, subject: Subject, terms: number): () => void {
    // The same text gives the same numbers when it is run again.
    if (this.#of?.model !== model || !sameIds(this.#of.ids, ids)) this.#known = [];
    this.#of = { model, ids };
    const name = nameOf(subject);
    const known = this.#known.find((each) => nameOf(each) === name);
    this.explanation = known ?? null;
    if (known) return () => {};
    const abort = new AbortController();
    const timer = setTimeout(() => {
      model
        .explain(ids, subject.name, subject.index, { terms, signal: abort.signal })
        .then((explanation) => {
          if (abort.signal.aborted) return;
          this.#known.push(explanation);
          if (this.#known.length * terms > most) this.#known.shift();
          this.explanation = explanation;
        })
        // Where it cannot be explained the inspector says why.
        .catch(() => {});
    }, rest);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }
}
