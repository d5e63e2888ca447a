// Downloads kept in Cache Storage: only whole files whose content proved good, so that what is
// there can be used without asking the server.

const storeName = 'glassformer-models';
/** A disk this slow is not worth waiting for: the download matters more than its copy. */
const patienceMs = 10_000;
const aheadBytes = 4 << 20;

/** Null where there is none: insecure pages, sandboxed frames, Node. */
export async function openModelCache(): Promise<Cache | null> {
  try {
    return (await globalThis.caches?.open(storeName)) ?? null;
  } catch {
    return null;
  }
}

/**
 * A copy of a download, written while it arrives. It only becomes an entry of the cache with
 * finish(). A copy that fails (a full disk, a quota) is given up silently.
 */
export class CacheCopy {
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #wanted: (() => void) | undefined;
  #alive = true;
  readonly #stored: Promise<void>;

  constructor(cache: Cache, address: string, headers: HeadersInit) {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#wanted?.(),
        cancel: () => this.#giveUp(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes }),
    );
    this.#stored = cache.put(address, new Response(body, { headers })).catch(() => this.#giveUp());
  }

  /** Resolves when the next chunk may come. The chunk must not be changed afterwards. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#alive) return;
    this.#controller.enqueue(chunk);
    if ((this.#controller.desiredSize ?? 0) > 0) return;
    const timer = setTimeout(() => this.abandon(), patienceMs);
    await new Promise<void>((resolve) => (this.#wanted = resolve));
    clearTimeout(timer);
  }

  async finish(): Promise<void> {
    if (!this.#alive) return;
    this.#controller.close();
    const timer = setTimeout(() => this.#giveUp(), patienceMs);
    await this.#stored;
    clearTimeout(timer);
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    if (!this.#alive) return;
    this.#giveUp();
    this.#controller.error(new Error('The download was given up'));
    await this.#stored;
  }

  #giveUp() {
    this.#alive = false;
    this.#wanted?.();
  }
}
