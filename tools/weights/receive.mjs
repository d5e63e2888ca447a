// One attempt at a file: asks for what is missing, appends what comes, keeps the hash.
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { requireSpace } from './disk.mjs';
import { onPath, PassingError, WeightsError } from './errors.mjs';
import { request, statedLength } from './http.mjs';
import { formatBytes } from './units.mjs';
import { hashOfStart } from './verify.mjs';

/**
 * @returns {Promise<{bytes: number, sha256: string, expected: string | null, resumed: boolean}>}
 *   expected: the hash that the file should have, from the manifest or else from the server
 */
export async function receive(url, part, entry, options) {
  const { signal, stallMilliseconds } = options;
  const known = await resumable(part, entry);
  const offset = known ? await part.size() : 0;
  const hash = known
    ? await onPath(part.path, () => hashOfStart(part.path, offset))
    : createHash('sha256');
  signal.throwIfAborted();
  if (known && offset === entry.bytes) {
    return result(hash, offset, entry.sha256 ?? known.linkedHash, true);
  }

  const headers = known ? rangeHeaders(offset, known) : {};
  const answer = await request(url, { headers, signal, stallMilliseconds });
  try {
    if (answer.status === 404) {
      throw new WeightsError(`${url}: HTTP 404: there is no such file`);
    }
    const length = statedLength(answer);
    if (answer.status === 416 && length === offset) {
      return result(hash, offset, entry.sha256 ?? answer.linkedHash, true);
    }
    if (answer.status === 416 || (answer.status === 206 && !continues(answer, known, offset))) {
      answer.close();
      await part.discard();
      options.progress.note(`${entry.name}: it has changed on the server; starting over`);
      return await receive(url, part, entry, options);
    }
    checkPromise(url, entry, length, answer.linkedHash);

    const resumed = answer.status === 206;
    const start = resumed ? offset : 0;
    if (length !== null) {
      await requireSpace(dirname(part.path), length - start, options.readSpace);
    }
    const file = resumed
      ? await part.extend()
      : await part.begin({ etag: answer.headers.get('etag'), linkedHash: answer.linkedHash, length });
    const running = resumed ? hash : createHash('sha256');
    const bytes = await append(answer, file, part, { entry, start, length, running, options });
    return result(running, bytes, entry.sha256 ?? answer.linkedHash, resumed);
  } finally {
    answer.close();
  }
}

function result(hash, bytes, expected, resumed) {
  return { bytes, sha256: hash.digest('hex'), expected, resumed };
}

/** The version that the part is of, where going on with it is safe; otherwise null. */
async function resumable(part, entry) {
  const size = await part.size();
  const version = await part.version();
  if (size === 0 || version === null) return null;
  const recognised = entry.sha256 ?? version.linkedHash ?? version.etag;
  const length = entry.bytes ?? version.length;
  return recognised === null || (length !== null && size > length) ? null : version;
}

function rangeHeaders(offset, version) {
  const headers = { Range: `bytes=${offset}-` };
  // A weak validator says nothing of bytes and is not allowed here (RFC 9110, section 13.1.5).
  if (version.etag && !version.etag.startsWith('W/')) headers['If-Range'] = version.etag;
  return headers;
}

/** Whether a partial answer is the rest of the same file, from the very byte asked for. */
function continues(answer, known, offset) {
  const range = answer.headers.get('content-range')?.match(/^bytes (\d+)-(\d+)\/(\d+|\*)$/);
  if (!known || !range || Number(range[1]) !== offset) return false;
  const same = (a, b) => a === null || b === null || a === b;
  if (known.linkedHash !== null && answer.linkedHash !== null) {
    return known.linkedHash === answer.linkedHash;
  }
  return (
    same(known.etag, answer.headers.get('etag')) && same(known.length, statedLength(answer))
  );
}

/** Throws before the body is fetched where the server announces another file than expected. */
function checkPromise(url, entry, length, linkedHash) {
  if (entry.bytes !== null && length !== null && entry.bytes !== length) {
    throw new WeightsError(`${url}: the file has ${length} bytes there, not ${entry.bytes}`);
  }
  if (entry.sha256 !== null && linkedHash !== null && entry.sha256 !== linkedHash) {
    throw new WeightsError(
      `${url}: the file has the SHA-256 ${linkedHash} there, not ${entry.sha256}`,
    );
  }
}

async function append(answer, file, part, { entry, start, length, running, options }) {
  const end = length ?? entry.bytes;
  let bytes = start;
  options.progress.start(entry.name, end, start);
  try {
    for await (const chunk of answer.chunks()) {
      bytes += chunk.length;
      if (end !== null && bytes > end) {
        throw new WeightsError(`${answer.url}: more than the ${end} bytes that it should have`);
      }
      await onPath(part.path, () => file.writeFile(chunk));
      running.update(chunk);
      options.progress.update(bytes);
    }
    await onPath(part.path, () => file.datasync());
  } finally {
    await file.close();
  }
  if (end !== null && bytes < end) {
    throw new PassingError(
      `${answer.url}: the connection ended after ${formatBytes(bytes)} of ${formatBytes(end)}`,
    );
  }
  return bytes;
}
