import { indexOf, rowOf, type Values } from '../view/flow/vectors.ts';
import { type Part, partsOf } from '../view/operation_parts.ts';
import { Asked } from './asked.svelte.ts';
import type { Explorer } from './explorer.svelte.ts';
import { logitRows } from './model_client.ts';

/** The numbers of a part that are on screen, in the tensor that they are of. */
export interface Vector {
  readonly dims: readonly number[];
  readonly row: Float32Array;
  /** Of a component, its index in the tensor. */
  readonly indexOf: (component: number) => readonly number[];
}

/** The vectors that the operation in the inspector takes and makes, those of the model's weights too. */
export class OperationParts {
  readonly #explorer: Explorer;
  readonly all: readonly Part[] = $derived.by(() => {
    const { run, config, inspector, selection, query } = this.#explorer;
    return run && config ? partsOf(inspector.focus, { ...selection, query }, config.n_layer) : [];
  });
  /** Gamma and beta of a layer norm, biases. */
  readonly #weights: Asked<Readonly<Record<string, Values>>>;
  /** Of one position: where the run has not kept them they are worked out again. */
  readonly #logits: Asked<Float32Array>;

  /** Where effects are allowed: while a component begins. */
  constructor(explorer: Explorer) {
    this.#explorer = explorer;
    this.#weights = new Asked(() => {
      const model = explorer.models.current?.model;
      const names = this.all.flatMap(({ isWeight, name }) => (isWeight ? [name] : []));
      if (!model || names.length === 0) return null;
      const read = async (name: string) => [name, await model.weight(name)] as const;
      return {
        of: [model, ...names],
        ask: async () => Object.fromEntries(await Promise.all(names.map(read))),
      };
    });
    this.#logits = new Asked(() => {
      const { run, models } = explorer;
      const position = this.all.find(({ name }) => name === 'logits')?.position;
      if (position === undefined || !run || !models.current) return null;
      const { model } = models.current;
      return {
        of: [run.source, position],
        ask: async (signal) => (await logitRows(model, run, [position, position + 1], signal))[0]!,
      };
    });
  }

  /** Why some of them have not come. */
  get failure() {
    return this.#weights.failure ?? this.#logits.failure;
  }

  #valuesOf(name: string): Values | undefined {
    return this.#explorer.run?.activations.get(name) ?? this.#weights.answer?.[name];
  }

  /** Null until its numbers have come. */
  vectorOf(part: Part): Vector | null {
    const { name, head, position } = part;
    if (name === 'logits') {
      const [row, { run }] = [this.#logits.answer, this.#explorer];
      if (!row || !run) return null;
      const dims = [run.ids.length, row.length];
      return { dims, row, indexOf: (component) => [position, component] };
    }
    const values = this.#valuesOf(name);
    if (!values) return null;
    const { data, dims } = values;
    return part.isWeight
      ? { dims, row: data, indexOf: (component) => [component] }
      : {
          dims,
          row: rowOf(part, values, head, position),
          indexOf: (component) => indexOf(part, values, head, position, component),
        };
  }

  /** A number of an activation of the run, or of a weight that is on screen. */
  entry(name: string, index: readonly number[]): number | undefined {
    const values = this.#valuesOf(name);
    if (!values) return undefined;
    return values.data[index.reduce((at, number, axis) => at * values.dims[axis]! + number, 0)];
  }
}
