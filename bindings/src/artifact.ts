// Which of the four kinds of the module this place can run.
import { platform } from './platform.ts';
import { hasRelaxedSimd, hasSimd } from './simd.ts';
import { GlassformerError } from './errors.ts';
import type { LoadOptions } from './types.ts';

export interface Artifact {
  readonly relaxedSimd: boolean;
  readonly threads: boolean;
}

/** Beyond so many, memory is what all of them wait for. */
const mostUseful = 8;

/** Threads need shared memory, which browsers give only to pages that are cross-origin isolated. */
const canShareMemory = () =>
  typeof SharedArrayBuffer === 'function' &&
  (platform.startThread !== undefined || globalThis.crossOriginIsolated === true);

/** How many threads to compute with: never more than there are cores, and 1 where there are none. */
export function threadsFor(wanted: LoadOptions['threads'] = 'auto'): number {
  if (!canShareMemory()) return 1;
  const cores = globalThis.navigator?.hardwareConcurrency ?? platform.cores ?? 1;
  return Math.min(wanted === 'auto' ? mostUseful : wanted, cores);
}

/** The best kind of module for so many threads. */
export function pickArtifact(threads: number): Artifact {
  if (typeof WebAssembly !== 'object' || !hasSimd()) {
    throw new GlassformerError(
      'unsupported',
      'WebAssembly SIMD is missing here: it takes Chrome 91, Firefox 89, Safari 16.4 or Node 20, ' +
        'or newer',
    );
  }
  return { relaxedSimd: hasRelaxedSimd(), threads: threads > 1 };
}

// Bundlers recognise exactly these expressions.
export function addressOf({ relaxedSimd, threads }: Artifact): URL {
  if (relaxedSimd && threads) return new URL('./glassformer-relaxed-threads.wasm', import.meta.url);
  if (relaxedSimd) return new URL('./glassformer-relaxed.wasm', import.meta.url);
  if (threads) return new URL('./glassformer-threads.wasm', import.meta.url);
  return new URL('./glassformer.wasm', import.meta.url);
}

/** Whether a compiled module is of a kind with threads: those are handed their memory. */
export const sharesMemory = (module: WebAssembly.Module): boolean =>
  WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
