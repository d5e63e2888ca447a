import { indexOf, rowOf, type Values } from '../view/flow/vectors.ts';
import { type Part, partsOf } from '../view/operation_parts.ts';
import { Asked } from './asked.svelte.ts';
import type { Explorer } from './explorer.svelte.ts';
import { isNormOutput } from '../view/norm_output.ts';
import { logitRows } from './model_client.ts';
import { normOutput } from './norm_output.ts';

/** The numbers of a part that are on screen, in the tensor that they are of. */
export interface Vector {
  readonly dims: readonly number[];
  readonly length: number;
  /** Null until they have come. */
  readonly row: Float32Array | null;
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
  /** What a layer norm gives out, at one position. */
  readonly #output: Asked<Float32Array>;

  /** Where effects are allowed: while a component begins. */
  constructor(explorer: Explorer) {
    this.#explorer = explorer;
    this.#weights = new Asked(() => {
      const model = explorer.models.current?.model;
      const names = this.all.flatMap(({ kind, name }) => (kind === 'weight' ? [name] : []));
      if (!model || names.length === 0) return null;
      const read = async (name: string) => [name, await model.weight(name)] as const;
      return {
        of: [model, ...names],
        ask: async () => Object.fromEntries(await Promise.all(names.map(read))),
      };
    });
    this.#output = new Asked(() => {
      const { run, models } = explorer;
      const part = this.all.find(({ kind }) => kind === 'norm');
      if (!part || !run || !models.current) return null;
      const { model } = models.current;
      const { name, position } = part;
      return {
        of: [model, run.ids, name, position],
        ask: (signal) => normOutput(model, run.ids, part, signal),
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
    return this.#weights.failure ?? this.#output.failure ?? this.#logits.failure;
  }

  #valuesOf(name: string): Values | undefined {
    return this.#explorer.run?.activations.get(name) ?? this.#weights.answer?.[name];
  }

  /** Null where nothing is known of it yet. */
  vectorOf(part: Part): Vector | null {
    const { name, kind, head, position } = part;
    const { run, config } = this.#explorer;
    if (!run || !config) return null;
    if (kind === 'norm' || name === 'logits') {
      const [asked, length] =
        kind === 'norm' ? [this.#output, config.n_embd] : [this.#logits, config.vocab_size];
      return asked.failure
        ? null
        : {
            dims: [run.ids.length, length],
            length,
            row: asked.answer,
            indexOf: (component) => [position, component],
          };
    }
    const values = this.#valuesOf(name);
    if (!values) return null;
    const { data, dims } = values;
    const row = kind === 'weight' ? data : rowOf(part, values, head, position);
    return {
      dims,
      length: row.length,
      row,
      indexOf: (component) =>
        kind === 'weight' ? [component] : indexOf(part, values, head, position, component),
    };
  }

  /** A number of an activation of the run, or of what else is on screen. */
  entry(name: string, index: readonly number[]): number | undefined {
    if (isNormOutput(name)) {
      const part = this.all.find((each) => each.name === name);
      return part?.position === index[0] ? this.#output.answer?.[index[1]!] : undefined;
    }
    const values = this.#valuesOf(name);
    if (!values) return undefined;
    return values.data[index.reduce((at, number, axis) => at * values.dims[axis]! + number, 0)];
  }
}
