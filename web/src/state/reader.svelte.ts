import { attentionSpread, patternBlocks } from '../view/attention.ts';
import { type Fit, fitOf } from '../view/prompt.ts';
import { type Failure, failureFrom, type Model, type Run, runModel } from './model_client.ts';
import { emptyPassage, type Passage } from './passage.ts';

const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Texts up to this many tokens are measured in one go. */
const shortText = 64;

/** The model at work on the passage: its last run, and what the page measures on it. */
export class Reader {
  run = $state.raw<Run | null>(null);
  /** The passage that the run has read. */
  passage = $state.raw<Passage>(emptyPassage);
  /** Tokens of the passage that was asked for last, also where it was too long to run. */
  tokenCount = $state(0);
  /** How evenly each head spreads its attention, by block and head; shortly after the run. */
  spread = $state.raw<readonly (readonly number[])[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  #context = $state(Infinity);
  #abort: AbortController | null = null;

  readonly fit: Fit = $derived(fitOf(this.tokenCount, this.#context));

  /** Runs the model; an earlier run that has not finished is stopped. Never rejects. */
  async read(
    model: Model,
    passage: Passage,
    tokenize: () => number[],
    shownBlock: number,
  ): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    const { n_layer: blocks, n_head: heads, n_positions: context } = model.config;
    this.failure = null;
    try {
      const ids = tokenize();
      this.tokenCount = ids.length;
      this.#context = context;
      if (this.fit === 'too-long') return;
      if (this.fit === 'empty') {
        this.#forget();
        return;
      }
      const wanted = patternBlocks(blocks, heads, ids.length, shownBlock);
      const run = await runModel(model, ids, wanted, signal);
      if (signal.aborted) return;
      this.run = run;
      this.passage = passage;
      await this.#measure(run, blocks, heads, signal);
    } catch (error) {
      if (!signal.aborted) this.failure = failureFrom(error);
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
    this.tokenCount = 0;
  }

  #forget(): void {
    this.run = null;
    this.passage = emptyPassage;
    this.spread = null;
  }

  /** One block at a time, so that a long text does not hold up the page. */
  async #measure(run: Run, blocks: number, heads: number, signal: AbortSignal): Promise<void> {
    const spread: number[][] = [];
    for (let block = 0; block < blocks; block += 1) {
      const pattern = run.patterns.get(block);
      spread.push(
        Array.from({ length: heads }, (_, head) =>
          pattern ? attentionSpread(pattern, head) : NaN,
        ),
      );
      if (run.ids.length > shortText) await nextTask();
      if (signal.aborted) return;
    }
    this.spread = spread;
  }
}
