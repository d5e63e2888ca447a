// The options of a run as people write them -> what core takes.
import type { RequestedHook, RunRequest } from './engine.ts';
import { GlassformerError } from './errors.ts';
import { editsRequest, requireInteger } from './requests.ts';
import type {
  ActivationName,
  ActivationRow,
  AxisSelection,
  ModelConfig,
  NameFilter,
  RunOptions,
  Tensor,
} from './types.ts';

/** What filters are asked about. */
export interface NamedModel {
  readonly config: ModelConfig;
  readonly activations: readonly ActivationRow[];
}

/** Everything but the tokens. */
export function runRequest(
  model: NamedModel,
  options: RunOptions,
  residual?: Tensor,
): Omit<RunRequest, 'tokens'> {
  const { names = ['*'], positions, startAtLayer, stopAtLayer, edits, logits = 'all' } = options;
  if (!['all', 'last', 'none'].includes(logits)) {
    throw new GlassformerError('bad-option', `logits is 'all', 'last' or 'none', not "${logits}"`);
  }
  if ((startAtLayer !== undefined) !== (residual !== undefined)) {
    throw new GlassformerError(
      'bad-option',
      'startAtLayer takes a residual stream as the input, a tensor [T,C], and only it does',
    );
  }
  return {
    names: filtered(model, Array.isArray(names) ? names : [names]),
    positions: positions === undefined ? undefined : rangeOf(positions),
    startAtLayer: optionalInteger('startAtLayer', startAtLayer),
    residual: residual && residualOf(model.config, residual),
    stopAtLayer: optionalInteger('stopAtLayer', stopAtLayer),
    edits: editsRequest(edits),
    hooks: hooksOf(model, options.hooks),
    logits,
  };
}

function optionalInteger(name: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : requireInteger(name, value);
}

/** An index is a range of one; that before the end is [-1, 0] to core. */
function rangeOf(selection: AxisSelection): readonly [number, number] {
  const [begin, end] = typeof selection === 'number' ? [selection, selection + 1] : selection;
  return [requireInteger('positions', begin), requireInteger('positions', end)];
}

function residualOf({ n_embd }: ModelConfig, residual: Tensor): Float32Array {
  const { data, dims } = residual;
  if (data instanceof Float32Array && dims?.length === 2 && dims[1] === n_embd) return data.slice();
  throw new GlassformerError(
    'bad-option',
    `A residual stream is a tensor [T,${n_embd}], not ${dims ? `[${dims}]` : String(residual)}`,
  );
}

function hooksOf(model: NamedModel, hooks: RunOptions['hooks']): RequestedHook[] {
  if (hooks === undefined) return [];
  const pairs = Array.isArray(hooks) ? hooks : Object.entries(hooks);
  return pairs.map(([filter, call]) => {
    if (typeof call !== 'function') {
      throw new GlassformerError('bad-option', `The hook of ${String(filter)} is not a function`);
    }
    return { names: filtered(model, [filter]), call };
  });
}

/** Names and globs as they are, because core knows them; the names that other filters want. */
function filtered(model: NamedModel, filters: readonly NameFilter[]): string[] {
  return filters.flatMap((filter) => {
    if (typeof filter === 'string') return [filter];
    const wanted = predicateOf(filter);
    const names = allNames(model).filter((name) => wanted(name as ActivationName));
    if (names.length > 0) return names;
    throw new GlassformerError('bad-name', `No activation's name fits ${String(filter)}`);
  });
}

function predicateOf(filter: unknown): (name: ActivationName) => boolean {
  if (typeof filter === 'function') return filter as (name: ActivationName) => boolean;
  if (filter instanceof RegExp) {
    // A global one would go on from where it stopped.
    const { source, flags } = filter;
    const pattern = new RegExp(source, flags.replace(/[gy]/g, ''));
    return (name) => pattern.test(name);
  }
  throw new GlassformerError(
    'bad-option',
    'names is a name, a glob, a RegExp or a predicate, or an array of them',
  );
}

/** Every activation's full name, in no particular order. */
function allNames({ config, activations }: NamedModel): string[] {
  return activations.flatMap(({ name, perBlock }) =>
    perBlock ? Array.from({ length: config.n_layer }, (_, i) => `blocks.${i}.${name}`) : [name],
  );
}
