// Workers can be forbidden or out of reach in ways that only show when one is tried.
import { GlassformerError } from './errors.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { errorOf, WorkerEngine } from './worker_engine.ts';
import { importingWorker, isOwnOrigin } from './worker_script.ts';

/**
 * A worker that has instantiated the module; rejects where there can be none, or once the signal is
 * aborted. Its script is loaded while the module is still being compiled.
 */
export async function startWorker(
  module: Promise<WebAssembly.Module>,
  threads: number,
  signal: AbortSignal,
): Promise<WorkerEngine> {
  if (typeof Worker !== 'function') {
    throw new GlassformerError('unsupported', 'There are no Web Workers here');
  }
  try {
    return await started(ownScript(), module, threads, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isOwnOrigin()) throw error;
    return started(importingWorker('worker.js'), module, threads, signal);
  }
}

// Bundlers recognise exactly this expression.
const ownScript = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

async function started(
  worker: Worker,
  module: Promise<WebAssembly.Module>,
  threads: number,
  signal: AbortSignal,
): Promise<WorkerEngine> {
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.onerror = (event) => {
        event.preventDefault();
        const reason = event.message ? `: ${event.message}` : '';
        reject(new GlassformerError('unsupported', `No worker could be started here${reason}`));
      };
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'failed') reject(errorOf(data.error));
        else resolve();
      };
      module.then((compiled) => {
        worker.postMessage({ type: 'start', module: compiled, threads } satisfies ToWorker);
      }, reject);
    });
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return new WorkerEngine(worker);
}
