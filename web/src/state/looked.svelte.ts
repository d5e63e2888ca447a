import type { Explanation } from 'glassformer';
import type { Subject } from '../view/explanation.ts';
import { nameOf } from '../view/explanation.ts';
import type { Explained } from './inspector.svelte.ts';

/** A pointer that crosses a matrix asks only where it stays. */
const pause = 15;
/** So many answers are kept, of one run. */
const most = 256;

/** What the package says of the number that is looked at for the moment. */
export class Looked {
  explanation = $state.raw<Explanation | null>(null);
  #ids: readonly number[] = [];
  #known = new Map<string, Explanation>();

  /** Explains a number with so many terms, at once where that was asked before; what it returns stops it. */
  at({ model, ids }: Explained, subject: Subject, terms: number): () => void {
    if (this.#ids !== ids) this.#known = new Map();
    this.#ids = ids;
    const name = nameOf(subject);
    const known = this.#known.get(name);
    this.explanation = known ?? null;
    if (known) return () => {};
    const abort = new AbortController();
    const timer = setTimeout(() => {
      model
        .explain(ids, subject.name, subject.index, { terms, signal: abort.signal })
        .then((explanation) => {
          if (abort.signal.aborted) return;
          if (this.#known.size === most) this.#known.clear();
          this.#known.set(name, explanation);
          this.explanation = explanation;
        })
        // Where it cannot be explained the inspector says why.
        .catch(() => {});
    }, pause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }
}
