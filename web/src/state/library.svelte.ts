import type { Dtype, KeptModel, ModelEntry, RemoteModel } from '../view/models.ts';
import { isSameModel, withDtype } from '../view/models.ts';
import { forget, readKept } from './kept_models.ts';

/** What there is to choose from beside the embedded models, and the dialog that shows it. */
export class Library {
  isOpen = $state(false);
  /** The model that the dialog was opened for. */
  shown = $state.raw<ModelEntry | null>(null);
  /** How the next model's weights are to be held. */
  dtype = $state<Dtype>('auto');
  /** What this browser keeps of earlier downloads. */
  kept = $state.raw<readonly KeptModel[]>([]);
  /** How each model was held last, by id. */
  // Nothing on screen depends on it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #dtypes = new Map<string, Dtype>();

  open(shown: ModelEntry | null, dtype: Dtype): void {
    this.shown = shown;
    this.dtype = dtype;
    this.isOpen = true;
    void this.refresh();
  }

  close(): void {
    this.isOpen = false;
  }

  async refresh(): Promise<void> {
    this.kept = await readKept().catch(() => []);
  }

  async remove(entry: RemoteModel): Promise<void> {
    await forget(entry).catch(() => {});
    await this.refresh();
  }

  /** Goes back to a model as it was left: in 8 bits, if it was too large otherwise. */
  asBefore(entry: ModelEntry): ModelEntry {
    return withDtype(entry, this.#dtypes.get(entry.id) ?? 'auto');
  }

  /** A model has come. */
  note({ id, dtype }: ModelEntry): void {
    this.#dtypes.set(id, dtype);
    void this.refresh();
  }

  keptOf(entry: ModelEntry): KeptModel | undefined {
    return this.kept.find((kept) => isSameModel(kept.entry, withDtype(entry, 'auto')));
  }

  /** Whether it needs no large download. */
  isUsable(entry: ModelEntry): boolean {
    return this.keptOf(entry)?.usable ?? false;
  }

  /** Whether loading it asks no host. */
  async isWhole(entry: ModelEntry): Promise<boolean> {
    await this.refresh();
    return this.keptOf(entry)?.whole ?? false;
  }
}
