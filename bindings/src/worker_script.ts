/** A page may not start a script of another host as a worker, but a worker may import one. */
export function importingWorker(script: string): Worker {
  const address = import.meta.url.replace(/[^/]*$/, script);
  const blob = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
  const local = URL.createObjectURL(blob);
  const worker = new Worker(local, { type: 'module' });
  setTimeout(() => URL.revokeObjectURL(local), 60_000);
  return worker;
}

/** Whether this script came from the host of the page or worker that runs it. */
export const isOwnOrigin = () =>
  new URL(import.meta.url).origin === new URL(globalThis.location.href).origin;
