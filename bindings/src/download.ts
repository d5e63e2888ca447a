// One file over HTTP, or from the cache of earlier downloads.
import { GlassformerError } from './errors.ts';
import type { OpenFile } from './files.ts';
import { KeptFile } from './model_cache.ts';
import type { LoadOptions } from './types.ts';

export type Fetch = NonNullable<LoadOptions['fetch']>;

const longestTag = 200;

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
  const kept = options.cache ? await KeptFile.find(address) : null;
  const isWhole = kept?.rest !== undefined;
  let body = kept?.rest
    ? bodyOf(kept.rest)
    : kept?.bytes
      ? await askForRest(address, kept, options)
      : null;
  let isOfUse = body !== null;
  if (!body) {
    const response = await ask(address, options);
    const problem = problemWith(response);
    if (problem) {
      await response.body?.cancel();
      if (options.optional && problem.isAbsence) return null;
      throw new GlassformerError('network', `${address} answered ${problem.answer}`);
    }
    const version = versionOf(response, sizeOf(response));
    isOfUse = version !== null;
    await kept?.restart(version);
    body = bodyOf(response);
  }
  const begin = kept?.bytes ?? 0;
  const size = begin + body.size;
  return {
    label: address,
    size,
    sizeIsExact: false,
    kept: isWhole ? 0 : begin,
    chunks: chunksOf(address, kept, body, size, options),
    verified: async () => kept?.finish(),
    rejected: async (reason) => {
      const isBad = reason instanceof GlassformerError && reason.code.startsWith('bad-');
      // What was merely not read to its end is good as far as it goes.
      if (isBad || !isOfUse) await kept?.forget();
    },
  };
}

async function ask(
  address: string,
  { fetch, signal }: DownloadOptions,
  more: RequestInit = {},
): Promise<Response> {
  try {
    return await (fetch ?? globalThis.fetch)(address, { ...more, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new GlassformerError('network', `${address} could not be reached: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** What follows the kept parts, of the same version of the file; null where that cannot be had. */
async function askForRest(
  address: string,
  kept: KeptFile,
  options: DownloadOptions,
): Promise<Body | null> {
  const begin = kept.bytes;
  // Browsers send this header to other hosts without asking them first, which If-Range would need.
  // Where one asks nevertheless and is refused, all of the file may still be had. Its own cache,
  // which may hold a part of the file too, would make other ranges of this one.
  const headers = { range: `bytes=${begin}-` };
  const response = await ask(address, options, { headers, cache: 'no-store' }).catch(() => null);
  if (!response) return null;
  const body = bodyOf(response);
  const size = begin + body.size;
  // Hosts that do not let pages read it are compared by the length alone.
  const range = response.headers.get('content-range') ?? `bytes ${begin}-${size - 1}/${size}`;
  const isRest =
    response.status === 206 &&
    versionOf(response, size) === kept.version &&
    range === `bytes ${begin}-${size - 1}/${size}`;
  if (isRest) {
    // Of a body that is compressed, which hosts may hide, the rest alone cannot be read.
    const first = await body.reader?.read().catch(() => null);
    if (first) return { ...body, first };
  }
  await body.reader?.cancel().catch(() => {});
  return null;
}

/** The body of an answer, which is read from here on. */
interface Body {
  /** Bytes, or 0 where that is not known. */
  readonly size: number;
  readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  /** What has been read already. */
  readonly first?: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
}

const bodyOf = (response: Response): Body => ({
  size: sizeOf(response),
  reader: response.body?.getReader(),
});

/** The kept parts, then the body that follows them. */
async function* chunksOf(
  address: string,
  kept: KeptFile | null,
  body: Body,
  size: number,
  options: DownloadOptions,
) {
  const { signal } = options;
  const begin = kept?.bytes ?? 0;
  let { reader, first } = body;
  let loaded = 0;
  try {
    for await (const chunk of kept?.read() ?? []) {
      signal.throwIfAborted();
      loaded += chunk.length;
      yield chunk;
    }
    if (kept && loaded < begin) {
      // A part could not be read: it has to come with the rest.
      await reader?.cancel();
      const more = await askForRest(address, kept, options);
      if (!more) throw brokenOff(address, loaded, size);
      ({ reader, first } = more);
      kept.rest = undefined;
    }
    while (reader) {
      const { done, value } = first ?? (await reader.read());
      first = undefined;
      signal.throwIfAborted();
      if (done) break;
      loaded += value.length;
      yield value;
      if (!kept?.rest) await kept?.write(value);
    }
    if (loaded < size) throw brokenOff(address, loaded, size);
  } catch (cause) {
    signal.throwIfAborted();
    // What is kept is unreadable: the next time begins anew.
    if (kept?.rest || loaded < begin) await kept?.forget();
    if (cause instanceof GlassformerError) throw cause;
    throw brokenOff(address, loaded, size, cause);
  } finally {
    // Where the consumer stopped early, the rest need not arrive.
    await reader?.cancel().catch(() => {});
  }
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

/** What tells a file from what it was or will be; null where the server does not say it to the byte. */
function versionOf({ headers }: Response, size: number): string | null {
  const tag = headers.get('etag') ?? headers.get('last-modified');
  if (!tag || tag.startsWith('W/') || tag.length > longestTag || size === 0) return null;
  return `${size} ${tag}`;
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
