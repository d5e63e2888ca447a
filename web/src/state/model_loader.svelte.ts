import { addSample, type Progress, rateOf, type Sample } from '../view/download.ts';
import { isSameModel, type ModelEntry } from '../view/models.ts';
import { failureFrom, loadModel, type Model } from './model_client.ts';
import type { Failure } from '../view/failure.ts';

export interface Loaded {
  entry: ModelEntry;
  model: Model;
}

export interface Loading {
  entry: ModelEntry;
  progress: Progress | null;
  /** Bytes a second, once that can be told. */
  rate: number | null;
}

export interface Failed {
  entry: ModelEntry;
  failure: Failure;
  /** Tries again, where that is more than to load it. */
  again?: () => void;
}

/**
 * The model in use and the one on its way. The one in use stays until another has arrived whole, so
 * that a failed or cancelled download takes nothing away.
 */
export class ModelLoader {
  current = $state.raw<Loaded | null>(null);
  loading = $state.raw<Loading | null>(null);
  failed = $state.raw<Failed | null>(null);
  cancelled = $state.raw<ModelEntry | null>(null);
  #abort: AbortController | null = null;
  #arrival = Promise.resolve(false);
  readonly #onchange: () => void;

  /** `onchange` runs as soon as another model is in use, before anything can be drawn with it. */
  constructor(onchange: () => void) {
    this.#onchange = onchange;
  }

  /** Resolves to whether the model is now in use. One that is on its way already goes on. */
  load(entry: ModelEntry): Promise<boolean> {
    if (!this.loading || !isSameModel(this.loading.entry, entry)) this.#arrival = this.#load(entry);
    return this.#arrival;
  }

  async #load(entry: ModelEntry): Promise<boolean> {
    this.#abort?.abort();
    this.forget();
    if (this.current && isSameModel(this.current.entry, entry)) {
      this.loading = null;
      return true;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = { entry, progress: null, rate: null };
    let samples: readonly Sample[] = [];
    try {
      const model = await loadModel(entry, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (abort.signal.aborted) return;
          samples = addSample(samples, { at: performance.now(), arrived: progress.arrived });
          this.loading = { entry, progress, rate: rateOf(samples) };
        },
      });
      if (abort.signal.aborted) {
        await model.dispose();
        return false;
      }
      const previous = this.current;
      this.current = { entry, model };
      this.#onchange();
      this.loading = null;
      await previous?.model.dispose();
      return true;
    } catch (error) {
      if (abort.signal.aborted) return false;
      this.loading = null;
      this.failed = { entry, failure: failureFrom(error) };
      return false;
    }
  }

  /** Says no more of what did not come. */
  forget(): void {
    this.failed = null;
    this.cancelled = null;
  }

  cancel(): void {
    if (!this.loading) return;
    this.cancelled = this.loading.entry;
    this.loading = null;
    this.#abort?.abort();
  }
}
