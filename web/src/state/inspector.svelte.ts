import type { Explanation, ExplainedTerm } from 'glassformer';
import type { Focus } from '../view/focus.ts';
import { failureFrom, type Model } from './model_client.ts';
import type { OperationParts } from './operation_parts.svelte.ts';
import type { Failure } from '../view/failure.ts';

/** The run whose numbers are explained. */
export interface Explained {
  model: Model;
  ids: readonly number[];
}

/** How many terms of a sum are listed: at first, and for those who want more. */
const [few, many] = [8, 64];
const all = 1_000_000;

/** The operation on screen, the number of it that is explained, and the way that led there. */
export class Inspector {
  #trail = $state.raw<readonly Focus[]>([]);
  /** Of the number in focus; null while it is worked out. */
  explanation = $state.raw<Explanation | null>(null);
  /** The same with every term of its sums; null until it is known. Of a probability it is the short one. */
  whole = $state.raw<Explanation | null>(null);
  /** The term that the sum has come to, while it is added up on screen. */
  reached = $state.raw<ExplainedTerm | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** The vectors of the operation, while they are on screen. */
  parts = $state.raw<OperationParts | null>(null);
  /** How many terms of each sum are listed, at most. */
  terms = $state(few);
  readonly focus = $derived(this.#trail.at(-1)!);
  readonly previous = $derived(this.#trail.at(-2) ?? null);
  readonly #run: () => Explained | null;
  #abort: AbortController | null = null;

  constructor(run: () => Explained | null, start: Focus) {
    this.#run = run;
    this.#trail = [start];
  }

  /** The run that the explanation is of has gone; what is looked at stays. */
  clear(): void {
    this.#abort?.abort();
    this.explanation = null;
    this.whole = null;
    this.failure = null;
  }

  /** To another operation, or another number: the way back is forgotten. */
  open(focus: Focus): Promise<void> {
    this.terms = few;
    return this.#show([focus]);
  }

  /** To a number that the one on screen is made of. */
  into(focus: Focus): Promise<void> {
    return this.#show([...this.#trail, focus]);
  }

  back(): Promise<void> {
    return this.#show(this.previous ? this.#trail.slice(0, -1) : this.#trail);
  }

  /** Lists more terms, or few again. */
  toggleTerms(): Promise<void> {
    this.terms = this.terms === few ? many : few;
    return this.#show(this.#trail, this.whole);
  }

  async #show(trail: readonly Focus[], whole: Explanation | null = null): Promise<void> {
    this.#abort?.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#trail = trail;
    this.failure = null;
    this.whole = whole;
    const { subject } = trail.at(-1)!;
    const run = this.#run();
    if (!subject || !run) {
      this.explanation = null;
      return;
    }
    try {
      const { model, ids } = run;
      const options = { signal, terms: this.terms };
      const explanation = await model.explain(ids, subject.name, subject.index, options);
      if (signal.aborted) return;
      this.explanation = explanation;
      if (!whole) void this.#complete(explanation, run, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.explanation = null;
      this.failure = failureFrom(error);
    }
  }

  /** Nobody waits for it: the number itself is on screen by now. */
  async #complete(explanation: Explanation, { model, ids }: Explained, signal: AbortSignal) {
    const { name, index, quantities } = explanation;
    const isWhole = [explanation, ...quantities].every(({ others }) => others === 0);
    // Its other sum has a term for each token of the vocabulary.
    if (isWhole || name === 'probabilities') {
      this.whole = explanation;
      return;
    }
    try {
      const whole = await model.explain(ids, name as 'logits', index, { signal, terms: all });
      if (!signal.aborted) this.whole = whole;
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
    }
  }
}
