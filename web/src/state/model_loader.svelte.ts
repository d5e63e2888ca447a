import type { EmbeddedModel } from '../view/models.ts';
import {
  type Failure,
  failureFrom,
  loadEmbedded,
  type Model,
  type Progress,
} from './model_client.ts';

export interface Loaded {
  entry: EmbeddedModel;
  model: Model;
}

/**
 * The model in use and the one on its way. The one in use stays until another has arrived whole, so
 * that a failed or cancelled download takes nothing away.
 */
export class ModelLoader {
  current = $state.raw<Loaded | null>(null);
  loading = $state.raw<{ entry: EmbeddedModel; progress: Progress | null } | null>(null);
  failed = $state.raw<{ entry: EmbeddedModel; failure: Failure } | null>(null);
  cancelled = $state.raw<EmbeddedModel | null>(null);
  #abort: AbortController | null = null;
  readonly #onchange: () => void;

  /** `onchange` runs as soon as another model is in use, before anything can be drawn with it. */
  constructor(onchange: () => void) {
    this.#onchange = onchange;
  }

  /** Resolves to whether the model is now in use. */
  async load(entry: EmbeddedModel): Promise<boolean> {
    this.#abort?.abort();
    this.failed = null;
    this.cancelled = null;
    if (this.current?.entry.id === entry.id) {
      this.loading = null;
      return true;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = { entry, progress: null };
    try {
      const model = await loadEmbedded(entry, {
        signal: abort.signal,
        onProgress: (progress) => {
          if (!abort.signal.aborted) this.loading = { entry, progress };
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

  cancel(): void {
    if (!this.loading) return;
    this.cancelled = this.loading.entry;
    this.loading = null;
    this.#abort?.abort();
  }
}
