// The worker's script: serves the calls of a WorkerEngine with a LocalEngine.
import type { Control } from './engine.ts';
import { LocalEngine } from './local_engine.ts';
import { buffersIn, errorToData, type FromWorker, type ToWorker } from './protocol.ts';
import { instantiate } from './wasm.ts';

const port = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  onmessageerror: () => void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
};

let engine: LocalEngine;
const running = new Map<number, AbortController>();

port.onmessage = ({ data }) => {
  if (data.type === 'start') void start(data.module, data.threads);
  else if (data.type === 'call') void serve(data);
  else running.get(data.id)?.abort();
};

// Some pages are kept apart from their workers so far that no compiled module can be shared.
port.onmessageerror = () => {
  const message = 'The compiled module cannot be handed to a worker here';
  port.postMessage({ type: 'failed', error: { code: 'unsupported', message } });
};

async function start(module: WebAssembly.Module, threads: number) {
  try {
    engine = new LocalEngine(await instantiate(module), module, threads);
    port.postMessage({ type: 'started' });
  } catch (error) {
    port.postMessage({ type: 'failed', error: errorToData(error) });
  }
}

async function serve({ id, method, args, notices }: Extract<ToWorker, { type: 'call' }>) {
  const controller = new AbortController();
  running.set(id, controller);
  const control: Control = {
    signal: controller.signal,
    notify: notices ? (notice) => port.postMessage({ type: 'notice', id, notice }) : undefined,
  };
  try {
    // Only methods that take a control look at this last argument.
    const call = engine[method] as (...args: unknown[]) => Promise<unknown>;
    const value = await call.call(engine, ...args, control);
    port.postMessage({ type: 'reply', id, value }, buffersIn(value));
  } catch (error) {
    port.postMessage({ type: 'reply', id, error: errorToData(error) });
  } finally {
    running.delete(id);
  }
}
