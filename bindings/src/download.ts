// One file over HTTP, or from the cache of earlier downloads.
import { GlassformerError } from './errors.ts';
import type { OpenFile } from './files.ts';
import { CacheCopy, openModelCache } from './model_cache.ts';
import type { LoadOptions } from './types.ts';

export type Fetch = NonNullable<LoadOptions['fetch']>;

export interface DownloadOptions {
  readonly cache: boolean;
  /** Whether the file may be absent. */
  readonly optional: boolean;
  readonly signal: AbortSignal;
  /** Default: the global fetch. */
  readonly fetch?: Fetch | undefined;
}

/** Opens an address; null where the file is optional and the server has none. */
export async function openDownload(
  address: string,
  options: DownloadOptions,
): Promise<OpenFile | null> {
  const { signal } = options;
  const store = options.cache ? await openModelCache() : null;
  const kept = await store?.match(address).catch(() => undefined);
  if (store && kept) return openKept(store, address, kept, signal);

  const response = await ask(address, options);
  const problem = problemWith(response);
  if (problem) {
    await response.body?.cancel();
    if (options.optional && problem.isAbsence) return null;
    throw new GlassformerError('network', `${address} answered ${problem.answer}`);
  }
  const size = sizeOf(response);
  const copy = store
    ? new CacheCopy(store, address, size > 0 ? { 'content-length': String(size) } : {})
    : null;
  return {
    label: address,
    size,
    sizeIsExact: false,
    chunks: bodyChunks(address, response, size, signal, copy),
    verified: async () => copy?.finish(),
    rejected: async () => copy?.abandon(),
  };
}

function openKept(store: Cache, address: string, kept: Response, signal: AbortSignal): OpenFile {
  const size = sizeOf(kept);
  return {
    label: address,
    size,
    sizeIsExact: false,
    chunks: bodyChunks(address, kept, size, signal, null),
    verified: async () => {},
    // A kept file that turns out bad is fetched anew the next time; one that was merely not read
    // to its end is still good.
    rejected: async () => {
      if (!signal.aborted) await store.delete(address).catch(() => false);
    },
  };
}

async function ask(address: string, { fetch, signal }: DownloadOptions): Promise<Response> {
  try {
    return await (fetch ?? globalThis.fetch)(address, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new GlassformerError('network', `${address} could not be reached: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

async function* bodyChunks(
  address: string,
  response: Response,
  size: number,
  signal: AbortSignal,
  copy: CacheCopy | null,
) {
  const reader = response.body?.getReader();
  let loaded = 0;
  try {
    while (reader) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      loaded += value.length;
      yield value;
      await copy?.write(value);
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof GlassformerError) throw cause;
    throw brokenOff(address, loaded, size, cause);
  } finally {
    // Where the consumer stopped early, the rest need not arrive.
    await reader?.cancel().catch(() => {});
  }
  if (loaded < size) throw brokenOff(address, loaded, size);
}

const brokenOff = (address: string, loaded: number, size: number, cause?: unknown) =>
  new GlassformerError(
    'network',
    `${address} broke off after ${loaded} ${size > 0 ? `of ${size} ` : ''}bytes` +
      (cause === undefined ? '' : `: ${reasonOf(cause)}`),
    { cause },
  );

/** Bytes of the body, or 0 where the length says something else or nothing. */
function sizeOf(response: Response): number {
  // A length counts the compressed bytes, and a server elsewhere may hide that it compressed.
  if (response.headers.has('content-encoding')) return 0;
  const length = Number(response.headers.get('content-length'));
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

function problemWith(response: Response): { answer: string; isAbsence: boolean } | null {
  const { ok, status, statusText } = response;
  // Development servers answer with their page where there is no file.
  if (ok && response.headers.get('content-type')?.startsWith('text/html')) {
    return { answer: 'with a web page in place of the file', isAbsence: true };
  }
  // Static hosts answer 403 for what is not there.
  const isAbsence = status === 404 || status === 403 || status === 410;
  return ok ? null : { answer: `${status} ${statusText}`.trim(), isAbsence };
}

const reasonOf = (cause: unknown) => {
  if (!(cause instanceof Error)) return String(cause);
  // Node says "fetch failed" and hides the reason one level deeper.
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
};
