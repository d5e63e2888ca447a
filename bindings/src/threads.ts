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
 * Threads that compute together with the module's own. They come when they are ready; until then,
 * and where some cannot be had, the others do their work. The numbers do not depend on it.
 */
export class Threads {
  readonly #threads = new Set<Promise<Thread>>();

  constructor(core: CoreModule, module: WebAssembly.Module, count: number) {
    const memory = core.wasmMemory;
    if (!memory) return;
    for (let i = 1; i < count; ++i) {
      const stack = core.makeThreadStack(stackBytes);
      if (stack === 0) return;
      const thread = startThread({ module, memory, stack });
      this.#threads.add(thread);
      thread.catch(() => this.#threads.delete(thread));
    }
  }

  /** The module's own, and those that are ready or on their way. */
  get count(): number {
    return 1 + this.#threads.size;
  }

  terminate(): void {
    for (const thread of this.#threads) {
      thread.then(
        (started) => started.terminate(),
        () => {},
      );
    }
  }
}

async function startThread(start: ThreadStart): Promise<Thread> {
  if (platform.startThread) return platform.startThread(start);
  // A script of another host fails at once, or with an event. Only trying tells: webpack makes of
  // import.meta.url where the file was when it was built.
  try {
    return await ready(ownThread(), start);
  } catch (error) {
    if (isOwnOrigin()) throw error;
    return ready(importingWorker('thread.js'), start);
  }
}

// Bundlers recognise exactly this expression.
const ownThread = () => new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });

function ready(worker: Worker, start: ThreadStart): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
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
      fail();
    };
    worker.postMessage(start);
  });
}
