/**
 * The one place where the page meets the package: everything that the page asks of a model. The
 * package runs the model in a worker, so nothing here blocks.
 */
import {
  GlassformerError,
  load,
  type Model,
  type ModelSource,
  type Tensor,
  tensor,
  type TextLoss,
} from 'glassformer';
import { dotProductsBlock, type Pattern, patternBlock } from '../view/attention.ts';
import { type Arrival, Tally } from '../view/download.ts';
import { distinct } from '../view/flow/stations.ts';
import type { Values } from '../view/flow/vectors.ts';
import type { ModelEntry } from '../view/models.ts';
import type { Failure } from '../view/failure.ts';

export type { Model, Tensor, TextLoss };
export { tensor };

export interface Run {
  ids: readonly number[];
  /** Bytes of each token. */
  tokens: readonly Uint8Array[];
  /** The last position's, over the whole vocabulary. */
  logits: Float32Array;
  /** By name; only those that were asked for. */
  activations: ReadonlyMap<string, Values>;
  /** By block, those of them that are attention patterns. */
  patterns: ReadonlyMap<number, Pattern>;
  /** By name, of blocks that they were asked for. */
  dotProducts: ReadonlyMap<string, Values>;
  /** How many positions the model kept from the run before, with their keys and values. */
  reused: number;
  /**
   * Where the other rows of logits come from: all of them [T,V] where they are few, otherwise the
   * residual stream [T,C] that they are made of.
   */
  source: { logits: Tensor } | { stream: Tensor };
  milliseconds: number;
}

/** Bytes of logits that a run copies out at most. A run that shares its beginning computes few anew. */
const logitsBudget = 4 * 2 ** 20;

function placeOf({ source }: ModelEntry): ModelSource {
  if (source.kind === 'embedded') return new URL(`models/${source.path}/`, document.baseURI);
  if (source.kind === 'hub') return source.hub;
  if (source.kind === 'url') return new URL(source.url);
  // Of no files at all the package says which one is missing first, as it does of some.
  return source.files.length > 0 ? source.files : {};
}

/** Loads a model from wherever it is; `onProgress` hears the bytes of all its files together. */
export function loadModel(
  entry: ModelEntry,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Arrival) => void },
): Promise<Model> {
  const { source, dtype, bytes = 0 } = entry;
  const tally = new Tally(bytes);
  return load(placeOf(entry), {
    dtype,
    ...(source.kind === 'hub' && { revision: source.revision }),
    // The package keeps what comes from the Hub by itself.
    ...(source.kind === 'url' && { cache: true }),
    signal,
    onProgress(event) {
      if (event.status === 'progress') onProgress(tally.add(event.file, event));
    },
  });
}

/** The patterns among the activations. */
function patternsOf(activations: ReadonlyMap<string, Values>): Map<number, Pattern> {
  const patterns = new Map<number, Pattern>();
  for (const [name, { data, dims }] of activations) {
    const block = patternBlock(name);
    if (block !== null) patterns.set(block, { heads: dims[0]!, tokens: dims[1]!, data });
  }
  return patterns;
}

/** Those of the named values that no run captures. */
async function dotProductsOf(
  model: Model,
  ids: readonly number[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Values>> {
  const products = new Map<string, Values>();
  for (const name of names) {
    const block = dotProductsBlock(name);
    if (block !== null) {
      products.set(name, await model.attentionDotProducts(ids, block, { signal }));
    }
  }
  return products;
}

const isActivation = (name: string) => dotProductsBlock(name) === null;

/** Whether a run has what is named: an activation, or dot products. */
export const has = ({ activations, dotProducts }: Run, name: string) =>
  activations.has(name) || dotProducts.has(name);

const known = new WeakMap<Model, Map<number, Uint8Array>>();

/** The bytes of each token. Those of one are always the same array: what shows it is not drawn again. */
function bytesOf(model: Model, ids: readonly number[]): Uint8Array[] {
  const ofModel = known.get(model) ?? new Map<number, Uint8Array>();
  known.set(model, ofModel);
  const missing = ids.filter((id) => !ofModel.has(id));
  for (const { id, bytes } of model.tokenizer.pieces(missing)) ofModel.set(id, bytes);
  return ids.map((id) => ofModel.get(id)!);
}

/**
 * Runs the tokens and copies out the activations and the dot products that are named, and what the logits come
 * from, no more.
 */
export async function runModel(
  model: Model,
  ids: readonly number[],
  names: readonly string[],
  signal: AbortSignal,
): Promise<Run> {
  const start = performance.now();
  const { n_layer, vocab_size } = model.config;
  const few = ids.length * vocab_size * Float32Array.BYTES_PER_ELEMENT <= logitsBudget;
  const stream = `blocks.${n_layer - 1}.hook_resid_post`;
  const { logits, cache, reused } = await model.runWithCache(ids, {
    names: distinct([...names.filter(isActivation), ...(few ? [] : [stream])]),
    logits: few ? 'all' : 'last',
    signal,
  });
  const milliseconds = performance.now() - start;
  const activations = new Map<string, Values>(cache);
  // A run without them is a run; who looks at them asks again, and hears why they do not come.
  const dotProducts = await dotProductsOf(model, ids, names, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return new Map<string, Values>();
  });
  return {
    ids,
    tokens: bytesOf(model, ids),
    logits: logits.data.slice(-vocab_size),
    activations,
    patterns: patternsOf(activations),
    dotProducts,
    reused,
    source: few ? { logits } : { stream: cache.get(stream) },
    milliseconds,
  };
}

/** Bytes that the page keeps of one run, at most; beyond that, blocks that are not on screen are dropped. */
const activationBudget = 192 * 2 ** 20;

/** The run with more of its numbers, which the model computes again: the same ones. */
export async function addActivations(
  model: Model,
  run: Run,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Run> {
  const wanted = names.filter(isActivation);
  const options = { names: wanted, logits: 'none', signal } as const;
  const added = wanted.length > 0 ? [...(await model.runWithCache(run.ids, options)).cache] : [];
  const products = await dotProductsOf(model, run.ids, names, signal);
  let room = activationBudget;
  const fits = ([, { data }]: readonly [string, Values]) => (room -= data.byteLength) >= 0;
  [...added, ...products].forEach(fits);
  const kept = [...run.activations].filter((each) => patternBlock(each[0]) !== null || fits(each));
  const activations = new Map<string, Values>([...kept, ...added]);
  const dotProducts = new Map([...[...run.dotProducts].filter(fits), ...products]);
  return { ...run, activations, patterns: patternsOf(activations), dotProducts };
}

/** The first character of a text that the model has no token for, as a small vocabulary may lack it. */
export function unknownCharacter(model: Model, text: string): string | null {
  const isKnown = (part: string) => {
    try {
      model.tokenizer.encode(part);
      return true;
    } catch (error) {
      if (error instanceof GlassformerError && error.code === 'bad-tokens') return false;
      throw error;
    }
  };
  if (isKnown(text)) return null;
  return Array.from(text).find((character) => !isKnown(character)) ?? null;
}

/** The logits at the positions `from` to before `to`: a row [V] each. */
export async function logitRows(
  model: Model,
  { source }: Run,
  [from, to]: readonly [number, number],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  if ('logits' in source) return Array.from(source.logits.slice([from, to]).rows());
  const { logits } = await model.runWithCache(source.stream.slice([from, to]), {
    startAtLayer: model.config.n_layer,
    names: [],
    logits: 'all',
    signal,
  });
  return Array.from(logits!.rows());
}

/** Activations of a run as tensors, by their full names. */
export async function captureTensors(
  model: Model,
  ids: readonly number[],
  names: readonly string[],
): Promise<Tensor[]> {
  const { cache } = await model.runWithCache(ids, { names: [...names], logits: 'none' });
  return names.map((name) => cache.get(name));
}

/** What each head of each block adds to the residual stream at the last position: [1,H,C] a block. */
export async function headOutputs(
  model: Model,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Tensor[]> {
  const { cache } = await model.runWithCache(ids, {
    names: ['blocks.*.attn.hook_result'],
    positions: ids.length - 1,
    logits: 'none',
    signal,
  });
  return Array.from(cache, ([, tensor]) => tensor);
}

/** Bytes of all activations of a run, those left out that are only captured on request. */
export async function sizeOfRun(model: Model, ids: readonly number[]): Promise<number> {
  return (await model.estimateRun(ids, { logits: 'none' })).activations;
}

/** All of them as one file. */
export async function captureRun(
  model: Model,
  ids: readonly number[],
  options: { signal: AbortSignal; onStage: (done: number, stages: number) => void },
): Promise<Uint8Array<ArrayBuffer>> {
  const { cache } = await model.runWithCache(ids, { ...options, logits: 'none' });
  return cache.toSafetensors();
}

export function failureFrom(error: unknown): Failure {
  if (error instanceof GlassformerError) return { code: error.code, message: error.message };
  return { code: 'unknown', message: error instanceof Error ? error.message : String(error) };
}
