import type { Explanation } from 'glassformer';
import type { Subject } from '../view/explanation.ts';
import { type Failure, failureFrom, type Model } from './model_client.ts';

/** The run whose numbers are explained. */
export interface Explained {
  model: Model;
  ids: readonly number[];
}

/** Which number is being explained, and the way that led to it. */
export class Inspector {
  #trail = $state.raw<readonly Subject[]>([]);
  explanation = $state.raw<Explanation | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly subject = $derived(this.#trail.at(-1) ?? null);
  readonly canGoBack = $derived(this.#trail.length > 1);
  readonly #run: () => Explained | null;
  #abort: AbortController | null = null;

  constructor(run: () => Explained | null) {
    this.#run = run;
  }

  open(subject: Subject): Promise<void> {
    return this.#show([subject]);
  }

  /** To a number that the one on screen is made of. */
  into(subject: Subject): Promise<void> {
    return this.#show([...this.#trail, subject]);
  }

  back(): Promise<void> {
    return this.#show(this.#trail.slice(0, -1));
  }

  close(): void {
    void this.#show([]);
  }

  async #show(trail: readonly Subject[]): Promise<void> {
    this.#abort?.abort();
    this.#trail = trail;
    this.failure = null;
    const subject = trail.at(-1);
    const run = this.#run();
    if (!subject || !run) {
      this.#trail = [];
      this.explanation = null;
      return;
    }
    const { signal } = (this.#abort = new AbortController());
    try {
      const { model, ids } = run;
      const explanation = await model.explain(ids, subject.name, subject.index, { signal });
      if (!signal.aborted) this.explanation = explanation;
    } catch (error) {
      if (signal.aborted) return;
      this.explanation = null;
      this.failure = failureFrom(error);
    }
  }
}
