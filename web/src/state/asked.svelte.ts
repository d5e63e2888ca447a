import { untrack } from 'svelte';
import type { Failure } from '../view/failure.ts';
import { failureFrom } from './model_client.ts';

interface Question<T> {
  /** What it is about: where all of it is the same, so is the answer. */
  readonly of: readonly unknown[];
  readonly ask: (signal: AbortSignal) => Promise<T>;
}

const isSame = <T>(a: Question<T> | null, b: Question<T> | null) =>
  a?.of.length === b?.of.length && (a?.of.every((each, place) => each === b!.of[place]) ?? true);

/** What a view asks the package for: nothing is asked twice, and no answer to an earlier question is shown. */
export class Asked<T> {
  readonly #question: Question<T> | null;
  #last = $state.raw<{ readonly question: Question<T>; readonly answer: T } | null>(null);
  /** To what is asked now; null until it has come. */
  readonly answer: T | null;
  /** Why it has not come. */
  failure = $state.raw<Failure | null>(null);

  /** Where effects are allowed: while a component begins. Null: nothing is wanted. */
  constructor(wanted: () => Question<T> | null) {
    let before: Question<T> | null = null;
    this.#question = $derived.by(() => {
      const question = wanted();
      return isSame(question, before) ? before : (before = question);
    });
    this.answer = $derived(
      this.#last && isSame(this.#last.question, this.#question) ? this.#last.answer : null,
    );
    $effect(() => {
      const question = this.#question;
      this.failure = null;
      if (!question || untrack(() => this.answer)) return;
      const abort = new AbortController();
      const { signal } = abort;
      question.ask(signal).then(
        (answer) => {
          if (!signal.aborted) this.#last = { question, answer };
        },
        (error: unknown) => {
          if (!signal.aborted) this.failure = failureFrom(error);
        },
      );
      return () => abort.abort();
    });
  }
}
