import { patternName, scoresName } from '../view/attention.ts';
import { softmaxOf, type SoftmaxRow } from '../view/explanation.ts';
import type { Explorer } from './explorer.svelte.ts';
import { Looked } from './looked.svelte.ts';

/** What a row of weights comes from, while somebody looks at it: its scores, and what softmax makes of them. */
export class RowSoftmax {
  readonly #looked = new Looked();
  /** Null until it is known. */
  readonly made: SoftmaxRow | null;

  /** Where effects are allowed: while a component begins. Null: nobody looks. */
  constructor(explorer: Explorer, row: () => { head: number; query: number } | null) {
    const wanted = $derived.by(() => {
      const at = row();
      // Any weight of the row will do: they share what is asked for.
      const name = patternName(explorer.selection.block);
      return at && { name, index: [at.head, at.query, 0] };
    });
    this.made = $derived.by(() => {
      const { explanation } = this.#looked;
      const isOfRow =
        explanation?.name === wanted?.name && explanation?.index.join() === wanted?.index.join();
      return explanation && isOfRow ? softmaxOf(explanation) : null;
    });
    $effect(() => {
      const { run, selection } = explorer;
      if (wanted && !run?.activations.has(scoresName(selection.block))) void explorer.showScores();
    });
    const ids = $derived(explorer.run?.ids);
    const model = $derived(explorer.models.current?.model);
    $effect(() => {
      if (wanted && model && ids) return this.#looked.at({ model, ids }, wanted, ids.length);
    });
  }
}
