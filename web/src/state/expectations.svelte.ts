import type { Failure } from '../view/failure.ts';
import type { Stages } from '../view/next_token.ts';
import { failureFrom, logitRows, type Model, type Run, type TextLoss } from './model_client.ts';
import { nextTask } from './next_task.ts';
import { sharedLength } from './passage.ts';

/** What the model held for the most probable token at a position. */
export interface Guess {
  id: number;
  probability: number;
}

/** Rows that are fetched at a time, and numbers that are sampled before the page may do something else. */
const rowsTogether = 16;
const numbersTogether = 2 ** 16;

/** From logits to probabilities as the text itself is read: no temperature, nothing cut. */
const distributionOf = (model: Model, logits: Float32Array): Stages => model.sample(logits);

/**
 * What the model expected at every position of a text, and how probable it finds what stands there. It
 * is worked out after the run that the page waits for, and dropped when the next one comes.
 */
export class Expectations {
  /** Of the last text that was measured. What comes later does not change what came before: as far as
   * another text begins alike, it holds for that too. */
  loss = $state.raw<TextLoss | null>(null);
  /** The guess for position 1, 2, ... of the text that they were made on. */
  guesses = $state.raw<readonly Guess[]>([]);
  /** Why not all of that is known of the last run. */
  failure = $state.raw<Failure | null>(null);
  #guessedOn: readonly number[] = [];
  #wanted = false;
  #abort: AbortController | null = null;
  #last: readonly [Model, Run] | null = null;

  /** Measures a run. Never rejects: without these numbers the page is as good as before. */
  async of(model: Model, run: Run): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.#last = [model, run];
    this.failure = null;
    try {
      if (run.ids.length > 1 && !this.#covers(run)) {
        const loss = await model.textLoss(run.ids, { signal });
        if (signal.aborted) return;
        this.loss = loss;
      }
      if (this.#wanted) await this.#guess(model, run, signal);
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
    }
  }

  /** Guesses are made only while somebody looks at them: they take a sorting of the vocabulary each. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted && this.#last) void this.of(...this.#last);
  }

  /** All that the model held possible after a position. */
  async after(model: Model, run: Run, position: number, signal: AbortSignal): Promise<Stages> {
    const [row] = await logitRows(model, run, [position, position + 1], signal);
    return distributionOf(model, row!);
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Nothing of a model outlives it. */
  clear(): void {
    this.stop();
    this.loss = null;
    this.failure = null;
    this.guesses = [];
    this.#guessedOn = [];
    this.#last = null;
  }

  #covers({ ids }: Run): boolean {
    return (
      this.loss?.tokens.length === ids.length && sharedLength(this.loss.tokens, ids) === ids.length
    );
  }

  async #guess(model: Model, run: Run, signal: AbortSignal): Promise<void> {
    const shared = sharedLength(this.#guessedOn, run.ids);
    // Position t + 1 is guessed from the tokens up to t.
    const guesses = this.guesses.slice(0, Math.min(shared, run.ids.length - 1));
    this.#guessedOn = run.ids;
    this.guesses = guesses.slice();
    let sampled = 0;
    for (let from = guesses.length; from < run.ids.length - 1; from = guesses.length) {
      const to = Math.min(from + rowsTogether, run.ids.length - 1);
      for (const row of await logitRows(model, run, [from, to], signal)) {
        if (signal.aborted) return;
        const { order, probabilities } = distributionOf(model, row);
        guesses.push({ id: order[0]!, probability: probabilities[order[0]!]! });
        sampled += row.length;
        if (sampled < numbersTogether) continue;
        sampled = 0;
        await nextTask();
      }
      if (signal.aborted) return;
      this.guesses = guesses.slice();
    }
  }
}
