// The threads that help a module to compute.
import { platform, type Thread } from './platform.ts';
import type { CoreModule } from './glassformer.mjs';
import type { ThreadStart } from './serve.ts';
import { importingWorker, isOwnOrigin } from './worker_script.ts';

/** What products need is far less. */
const stackBytes = 1 << 17;

/** Threads are a help that can come late, or not at all. */
const patience = 3000;

/**
 * Starts threads, so that `count` compute together with this one; resolves when they are ready. As
 * many as can be had: the numbers do not depend on it.
 */
export async function startThreads(
  core: CoreModule,
  module: WebAssembly.Module,
  count: number,
): Promise<Thread[]> {
  const memory = core.wasmMemory;
  if (!memory) return [];
  const started = Array.from({ length: count - 1 }, async () => {
    const stack = core.makeThreadStack(stackBytes);
    return stack === 0 ? null : startThread({ module, memory, stack }).catch(() => null);
  });
  return (await Promise.all(started)).filter((thread) => thread !== null);
}

async function startThread(start: ThreadStart): Promise<Thread> {
  if (platform.startThread) return platform.startThread(start);
  // A script of another host fails at once, or with an event.
  if (isOwnOrigin()) return ready(ownThread(), start);
  return ready(importingWorker('thread.js'), start);
}

// Bundlers recognise exactly this expression.
const ownThread = () => new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });

function ready(worker: Worker, start: ThreadStart): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      worker.terminate();
      reject(new Error('no thread could be started'));
    };
    const timer = setTimeout(fail, patience);
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(worker);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      clearTimeout(timer);
      fail();
    };
    worker.postMessage(start);
  });
}
