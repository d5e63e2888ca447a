/** A page may not start a script of another host as a worker, but a worker may import one. */
export function importingWorker(script: string): Worker {
  const address = import.meta.url.replace(/[^/]*$/, script);
  const blob = new Blob([importing(address)], { type: 'text/javascript' });
  const local = URL.createObjectURL(blob);
  const worker = new Worker(local, { type: 'module' });
  setTimeout(() => URL.revokeObjectURL(local), 60_000);
  return worker;
}

/**
 * WebKit refuses import declarations here where the page is isolated, and no browser keeps messages
 * until an `import()` is done, or tells the page that it failed.
 */
const importing = (address: string) => `
  const early = [];
  onmessage = (event) => early.push(event);
  import(${JSON.stringify(address)}).then(
    () => early.forEach((event) => onmessage(event)),
    (error) => setTimeout(() => { throw error; }),
  );`;

/** Whether this script came from the host of the page or worker that runs it. */
export const isOwnOrigin = () =>
  new URL(import.meta.url).origin === new URL(globalThis.location.href).origin;
