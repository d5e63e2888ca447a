// HTTP requests as a download needs them: redirects followed by hand, since the Hub states a file's
// size and hash on the redirect and not on the answer behind it; a limit on silence.
import { PassingError, WeightsError } from './errors.mjs';

const MAX_REDIRECTS = 10;
const MAX_WAIT_SECONDS = 60; // of what a busy server may ask for

/**
 * @typedef {{status: number, url: string, headers: Headers, body: ReadableStream | null,
 *   linkedSize: number | null, linkedHash: string | null, close(): void,
 *   chunks(): AsyncGenerator<Uint8Array>}} Answer
 *   linkedSize, linkedHash: the Hub's X-Linked-Size and X-Linked-ETag (the file's SHA-256 for files
 *   in large file storage), from whichever answer of the chain states them
 */

/**
 * Requests a URL. Throws PassingError for trouble that may pass, WeightsError for an answer that
 * will stay the same; 206, 404 and 416 are returned.
 * @param {{method?: string, headers?: object, signal: AbortSignal, stallMilliseconds: number}}
 *   options signal: interruption by the user
 * @returns {Promise<Answer>}
 */
export async function request(url, { method = 'GET', headers = {}, signal, stallMilliseconds }) {
  signal.throwIfAborted();
  const stall = new StallGuard(stallMilliseconds, signal);
  let linkedSize = null;
  let linkedHash = null;
  try {
    let location = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await fetch(location, {
        method,
        // Sizes and ranges are about the file itself, not about a compressed form of it.
        headers: { 'Accept-Encoding': 'identity', 'User-Agent': 'glassformer', ...headers },
        redirect: 'manual',
        signal: stall.signal,
      });
      linkedSize ??= wholeNumber(response.headers.get('x-linked-size'));
      linkedHash ??= sha256In(response.headers.get('x-linked-etag'));
      const next = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !next) {
        refuse(response, url);
        return answer(response, location, linkedSize, linkedHash, stall);
      }
      await response.body?.cancel();
      location = redirected(location, next);
    }
    throw new WeightsError(`${url}: more than ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    stall.end();
    throw explain(error, url, signal, stall);
  }
}

function answer(response, location, linkedSize, linkedHash, stall) {
  return {
    status: response.status,
    url: location,
    headers: response.headers,
    linkedSize,
    linkedHash,
    close() {
      stall.end();
      response.body?.cancel().catch(() => {});
    },
    async *chunks() {
      try {
        for await (const chunk of response.body ?? []) {
          stall.reset();
          yield chunk;
        }
      } catch (error) {
        throw explain(error, location, stall.interruption, stall);
      } finally {
        stall.end();
      }
    },
  };
}

function redirected(from, to) {
  const next = new URL(to, from);
  const downgrade = from.startsWith('https:') && next.protocol !== 'https:';
  if (downgrade || !/^https?:$/.test(next.protocol)) {
    throw new WeightsError(`${from}: refused to follow a redirect to ${next.href}`);
  }
  return next.href;
}

/** Throws for the statuses that no caller can go on with. */
function refuse(response, url) {
  const { status } = response;
  if (status < 300 || status === 404 || status === 416) return;
  response.body?.cancel().catch(() => {});
  if (status === 401 || status === 403) {
    throw new WeightsError(
      `${url}: HTTP ${status}: there is no such model, or it is private or needs an agreement`,
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = wholeNumber(response.headers.get('retry-after'));
    const wait = seconds === null ? null : 1000 * Math.min(seconds, MAX_WAIT_SECONDS);
    throw new PassingError(`${url}: HTTP ${status}`, wait);
  }
  throw new WeightsError(`${url}: HTTP ${status}`);
}

function explain(error, url, interruption, stall) {
  if (interruption.aborted) return interruption.reason;
  if (error instanceof WeightsError || error instanceof PassingError) return error;
  if (stall.expired) {
    return new PassingError(`${url}: nothing arrived for ${stall.milliseconds / 1000} s`);
  }
  const cause = error.cause ?? error;
  return new PassingError(`${url}: ${cause.message || cause.code || error.message}`);
}

/** Aborts its signal after so long without a reset, and when the user interrupts. */
class StallGuard {
  constructor(milliseconds, interruption) {
    this.milliseconds = milliseconds;
    this.interruption = interruption;
    this.expired = false;
    this.controller = new AbortController();
    this.forward = () => this.controller.abort();
    interruption.addEventListener('abort', this.forward);
    this.timer = setTimeout(() => {
      this.expired = true;
      this.controller.abort();
    }, milliseconds);
  }

  get signal() {
    return this.controller.signal;
  }

  reset() {
    this.timer.refresh();
  }

  end() {
    clearTimeout(this.timer);
    this.interruption.removeEventListener('abort', this.forward);
  }
}

function wholeNumber(text) {
  return text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}

/** The SHA-256 in an ETag, where it has the form of one. */
function sha256In(etag) {
  return etag?.match(/^(?:W\/)?"?([0-9a-f]{64})"?$/i)?.[1].toLowerCase() ?? null;
}

/** The length of the whole file behind an answer, or null where it does not say. */
export function statedLength({ status, headers, linkedSize }) {
  if (status === 206 || status === 416) {
    return wholeNumber(headers.get('content-range')?.split('/')[1] ?? null) ?? linkedSize;
  }
  if (linkedSize !== null) return linkedSize;
  const encoding = headers.get('content-encoding');
  return encoding && encoding !== 'identity' ? null : wholeNumber(headers.get('content-length'));
}
