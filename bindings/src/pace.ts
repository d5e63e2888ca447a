// Lets the thread attend to its messages, and to a click on "stop", while a run computes.

const sliceMs = 8;

const nextTask: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : () =>
        // Not a timeout: browsers stretch those to 4 ms, and in hidden pages to a second.
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            port1.close();
            resolve();
          };
          port2.postMessage(null);
        });

/** To be awaited between stages; throws the signal's reason once it is aborted. */
export function makePace(signal: AbortSignal | undefined): () => Promise<void> {
  let sliceBegan = performance.now();
  return async () => {
    if (performance.now() - sliceBegan > sliceMs) {
      await nextTask();
      sliceBegan = performance.now();
    }
    signal?.throwIfAborted();
  };
}
