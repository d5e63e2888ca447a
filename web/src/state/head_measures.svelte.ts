import {
  contributionsOf,
  type MapMeasure,
  type MeasuredHeads,
  type NumberMeasure,
  spreadsOf,
  strengthsOf,
} from '../view/head_map.ts';
import { failureFrom, headOutputs, type Model, type Run } from './model_client.ts';
import type { Failure } from '../view/failure.ts';
import { nextTask } from './next_task.ts';

/** Texts up to this many tokens are measured in one go. */
const shortText = 64;

/**
 * What the map of blocks and heads is coloured by. Only the measure that the reader has picked is
 * worked out, after the run that the page waits for, and the next run stops it.
 */
export class HeadMeasures {
  /** The reader's choice. */
  chosen = $state<MapMeasure>('pattern');
  #lent = $state<MapMeasure | null>(null);
  /** What the map shows. */
  readonly picked = $derived(this.#lent ?? this.chosen);
  /** The last that was worked out: of the run before, until that of this one is there. */
  measured = $state.raw<MeasuredHeads | null>(null);
  failure = $state.raw<Failure | null>(null);
  #abort: AbortController | null = null;
  #last: readonly [Model, Run] | null = null;

  constructor(chosen: MapMeasure | undefined) {
    this.chosen = chosen ?? 'pattern';
  }

  pick(measure: MapMeasure): void {
    this.#show(measure, null);
  }

  /** Shows another measure than the reader's, until none is lent or the reader picks one. */
  lend(measure: MapMeasure | null): void {
    this.#show(this.chosen, measure);
  }

  #show(chosen: MapMeasure, lent: MapMeasure | null): void {
    const before = this.picked;
    this.chosen = chosen;
    this.#lent = lent;
    if (this.picked === before) return;
    this.measured = null;
    this.failure = null;
    if (this.#last) void this.of(...this.#last);
    else this.stop();
  }

  /** Measures the heads of a run. Never rejects. */
  async of(model: Model, run: Run): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.#last = [model, run];
    const measure = this.picked;
    if (measure === 'pattern') return;
    try {
      const found = await this.#measure(measure, model, run, signal);
      if (signal.aborted) return;
      this.measured = { measure, ids: run.ids, token: null, ...found };
      this.failure = null;
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Nothing of a model outlives it. */
  clear(): void {
    this.stop();
    this.measured = null;
    this.failure = null;
    this.#last = null;
  }

  async #measure(
    measure: NumberMeasure,
    model: Model,
    run: Run,
    signal: AbortSignal,
  ): Promise<Pick<MeasuredHeads, 'values'> & { token?: number }> {
    const { n_layer: blocks, n_head: heads } = model.config;
    if (measure === 'strength') {
      const outputs = await headOutputs(model, run.ids, signal);
      return { values: outputs.flatMap((output) => strengthsOf(output, heads)) };
    }
    if (measure === 'contribution') {
      const attribution = await model.logitAttribution(run.ids, { signal });
      return { values: contributionsOf(attribution, blocks, heads), token: attribution.token };
    }
    const values: number[] = [];
    for (let block = 0; block < blocks && !signal.aborted; block += 1) {
      values.push(...spreadsOf(run.patterns.get(block), heads));
      // One block at a time, so that a long text does not hold up the page.
      if (run.ids.length > shortText) await nextTask();
    }
    return { values };
  }
}
