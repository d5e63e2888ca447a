import { patternBlocks, patternName } from '../view/attention.ts';
import { distinct } from '../view/flow/stations.ts';
import { type Fit, fitOf } from '../view/prompt.ts';
import {
  addActivations,
  failureFrom,
  has,
  type Model,
  type Run,
  runModel,
  unknownCharacter,
} from './model_client.ts';
import type { Failure } from '../view/failure.ts';
import { emptyPassage, type Passage } from './passage.ts';

/** The model at work on the passage, and its last run. */
export class Reader {
  run = $state.raw<Run | null>(null);
  /** The passage that the run has read. */
  passage = $state.raw<Passage>(emptyPassage);
  /** Tokens of the passage that was asked for last, also where it was too long to run. */
  tokenCount = $state(0);
  /** The first character of the passage that the model has no token for. */
  unknown = $state.raw<string | null>(null);
  failure = $state.raw<Failure | null>(null);
  #context = $state(Infinity);
  #abort: AbortController | null = null;

  readonly fit: Fit = $derived(
    this.unknown === null ? fitOf(this.tokenCount, this.#context) : 'unknown',
  );

  /**
   * Runs the model and copies out what is `visible`, and the patterns of the map; an
   * earlier run that has not finished is stopped. Never rejects.
   */
  async read(
    model: Model,
    passage: Passage,
    tokenize: () => number[],
    shownBlock: number,
    visible: readonly string[],
  ): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    const { n_layer: blocks, n_head: heads, n_positions: context } = model.config;
    this.failure = null;
    try {
      this.unknown = unknownCharacter(model, passage.written);
      if (this.unknown !== null) return;
      const ids = tokenize();
      this.tokenCount = ids.length;
      this.#context = context;
      if (this.fit === 'too-long') return;
      if (this.fit === 'empty') {
        this.#forget();
        return;
      }
      const patterns = patternBlocks(blocks, heads, ids.length, shownBlock).map(patternName);
      const run = await runModel(model, ids, distinct([...patterns, ...visible]), signal);
      if (signal.aborted) return;
      this.run = run;
      this.passage = passage;
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
    }
  }

  /** Fetches what has come into view and the run has not copied out. Never rejects. */
  async show(model: Model, visibleNow: () => readonly string[]): Promise<void> {
    // Meanwhile another block may come into view, and another fetch may end. Where not all that is in view fits
    // at a time, that does not go on for ever.
    for (let round = 0; round < 3; round += 1) {
      const { run } = this;
      const missing = run ? visibleNow().filter((name) => !has(run, name)) : [];
      const signal = this.#abort?.signal;
      if (!run || missing.length === 0 || !signal || signal.aborted) return;
      try {
        const more = await addActivations(model, run, missing, signal);
        if (signal.aborted) return;
        if (this.run === run) this.run = more;
      } catch (error) {
        if (!signal.aborted) this.failure = failureFrom(error);
        return;
      }
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Nothing of a run outlives its model. */
  clear(): void {
    this.stop();
    this.#forget();
    this.failure = null;
    this.unknown = null;
    this.tokenCount = 0;
  }

  #forget(): void {
    this.run = null;
    this.passage = emptyPassage;
  }
}
