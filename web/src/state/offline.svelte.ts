import type { Kept, NotInstalled, ToServiceWorker } from '../../offline/protocol.ts';

/** Long enough for the slowest of connections; a browser that ends a service worker never answers. */
const patience = 300_000;

/** Milliseconds by which a first visit shows its numbers before all that is kept is downloaded. */
const firstVisit = 2000;

/**
 * Whether the page opens without a connection, and whether a newer one waits to be opened. Where
 * there can be no service worker (plain http, private windows, `npm run dev`), the page is as it was.
 */
export class Offline {
  kept = $state<Kept | null>(null);
  newVersion = $state(false);
  #registering: Promise<ServiceWorkerRegistration | null> | undefined;
  #asked = 0;

  /**
   * Keeps the page with what it has loaded, these files of the model in use, and then the other models
   * that the page brings. Never rejects.
   */
  async keep(modelFiles: readonly string[]): Promise<void> {
    const asked = (this.#asked += 1);
    this.kept = null;
    if (!navigator.serviceWorker?.controller) {
      await new Promise((resolve) => setTimeout(resolve, firstVisit));
      if (asked !== this.#asked) return;
    }
    const registration = await (this.#registering ??= this.#register());
    const worker = registration && (await whenActive(registration));
    if (!worker) return;
    // Which of the four modules this browser runs, it has just shown.
    const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
    const addresses = modelFiles.map((file) => new URL(file, document.baseURI).href);
    const kept = await askFor(worker, [...loaded, ...addresses]);
    if (asked === this.#asked) this.kept = kept;
  }

  /** Opens the newer version. The text and all else that is in the address stays. */
  async update(): Promise<void> {
    const waiting = (await this.#registering)?.waiting;
    if (!waiting) return location.reload();
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
      once: true,
    });
    waiting.postMessage({ type: 'take-over' } satisfies ToServiceWorker);
  }

  async #register(): Promise<ServiceWorkerRegistration | null> {
    try {
      const { serviceWorker } = navigator;
      const before = serviceWorker.controller;
      serviceWorker.addEventListener('message', ({ data }: MessageEvent<NotInstalled>) => {
        if (data.type === 'not-installed') this.kept ??= data.reason;
      });
      // Another tab took the newer version: this one still shows the earlier.
      serviceWorker.addEventListener('controllerchange', () => {
        if (before) this.newVersion = true;
      });
      const registration = await serviceWorker.register('service_worker.js', {
        updateViaCache: 'none',
      });
      const look = () => {
        if (registration.waiting && registration.active) this.newVersion = true;
      };
      const watch = () => registration.installing?.addEventListener('statechange', look);
      look();
      watch(); // what the browser found by itself, while the model was read
      registration.addEventListener('updatefound', watch);
      return registration;
    } catch {
      return null;
    }
  }
}

/** The service worker that answers for the page, or nothing where its installation failed. */
function whenActive({ active, waiting, installing }: ServiceWorkerRegistration) {
  const worker = active ?? waiting ?? installing;
  if (!worker || worker.state === 'activated') return worker;
  return new Promise<ServiceWorker | null>((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') resolve(null);
    });
  });
}

function askFor(worker: ServiceWorker, addresses: readonly string[]): Promise<Kept> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('not-kept'), patience);
    port1.onmessage = ({ data }: MessageEvent<Kept>) => {
      clearTimeout(timer);
      resolve(data);
    };
    worker.postMessage({ type: 'keep', addresses } satisfies ToServiceWorker, [port2]);
  });
}
