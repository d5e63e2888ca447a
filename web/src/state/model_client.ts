/**
 * The one place where the page meets the package: everything that the page asks of a model. The
 * package runs the model in a worker, so nothing here blocks.
 */
import { GlassformerError, load, type Model } from 'glassformer';
import { type Pattern, patternName } from '../view/attention.ts';
import { downloadBytes, type EmbeddedModel, modelAddress } from '../view/models.ts';

export type { Model };

export interface Progress {
  loaded: number;
  total: number;
}

export interface Failure {
  code: string;
  message: string;
}

export interface Run {
  ids: readonly number[];
  /** Bytes of each token. */
  tokens: readonly Uint8Array[];
  /** The last position's, over the whole vocabulary. */
  logits: Float32Array;
  /** By block; only those that were asked for. */
  patterns: ReadonlyMap<number, Pattern>;
  milliseconds: number;
}

/** Loads an embedded model; `onProgress` hears the bytes of all its files together. */
export function loadEmbedded(
  entry: EmbeddedModel,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Model> {
  const loaded = new Map<string, number>();
  const total = downloadBytes(entry);
  return load(new URL(modelAddress(entry), document.baseURI), {
    signal,
    onProgress(event) {
      if (event.status !== 'progress') return;
      loaded.set(event.file, event.loaded);
      const sum = Array.from(loaded.values()).reduce((a, b) => a + b, 0);
      onProgress({ loaded: Math.min(sum, total), total });
    },
  });
}

/** Runs the tokens and copies out the patterns of `blocks` and the last row of logits, no more. */
export async function runModel(
  model: Model,
  ids: readonly number[],
  blocks: readonly number[],
  signal: AbortSignal,
): Promise<Run> {
  const start = performance.now();
  const result = await model.runWithCache(ids, {
    names: blocks.map(patternName),
    logits: 'last',
    signal,
  });
  const patternOf = (block: number): Pattern => ({
    heads: model.config.n_head,
    tokens: ids.length,
    data: result.cache.get(patternName(block)).data,
  });
  return {
    ids,
    tokens: model.tokenizer.pieces(ids).map((piece) => piece.bytes),
    logits: result.logits.data,
    patterns: new Map(blocks.map((block) => [block, patternOf(block)])),
    milliseconds: performance.now() - start,
  };
}

export function failureFrom(error: unknown): Failure {
  if (error instanceof GlassformerError) return { code: error.code, message: error.message };
  return { code: 'unknown', message: error instanceof Error ? error.message : String(error) };
}
