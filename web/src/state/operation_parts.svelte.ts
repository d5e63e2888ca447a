import type { Failure } from '../view/failure.ts';
import type { Values } from '../view/flow/vectors.ts';
import { type Part, partsOf } from '../view/operation_parts.ts';
import type { Explorer } from './explorer.svelte.ts';
import { failureFrom, type Model } from './model_client.ts';

/** The vectors that the operation in the inspector takes and makes, those of the model's weights too. */
export class OperationParts {
  readonly #explorer: Explorer;
  readonly all: readonly Part[] = $derived.by(() => {
    const { run, config, inspector, selection, query } = this.#explorer;
    return run && config ? partsOf(inspector.focus, { ...selection, query }, config.n_layer) : [];
  });
  /** Weights are a model's, not a run's: gamma and beta of a layer norm. */
  #weights = $state.raw<{ of: Model; byName: ReadonlyMap<string, Values> } | null>(null);

  /** Why weights of the operation have not come. */
  failure = $state.raw<Failure | null>(null);

  /** Where effects are allowed: while a component begins. */
  constructor(explorer: Explorer) {
    this.#explorer = explorer;
    $effect(() => {
      const model = explorer.models.current?.model;
      const names = this.all.flatMap(({ isWeight, name }) => (isWeight ? [name] : []));
      this.failure = null;
      if (!model || names.every((name) => this.#valuesOfWeight(name))) return;
      let stale = false;
      void Promise.all(names.map(async (name) => [name, await model.weight(name)] as const)).then(
        (found) => {
          // Replaced, never changed.
          // eslint-disable-next-line svelte/prefer-svelte-reactivity
          if (!stale) this.#weights = { of: model, byName: new Map(found) };
        },
        (error: unknown) => {
          if (!stale) this.failure = failureFrom(error);
        },
      );
      return () => (stale = true);
    });
  }

  #valuesOfWeight(name: string): Values | undefined {
    const isCurrent = this.#weights?.of === this.#explorer.models.current?.model;
    return isCurrent ? this.#weights?.byName.get(name) : undefined;
  }

  /** Nothing until it has come. */
  valuesOf(name: string): Values | undefined {
    return this.#explorer.run?.activations.get(name) ?? this.#valuesOfWeight(name);
  }
}
