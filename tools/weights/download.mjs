// One file from a URL to a path. What has arrived waits in PATH.part, with PATH.part.json saying of
// which version of the file it is a part, so that the next attempt, or the next run, goes on there.
import { rename } from 'node:fs/promises';
import { onPath, PassingError, WeightsError } from './errors.mjs';
import { PartialFile } from './partial_file.mjs';
import { receive } from './receive.mjs';
import { waitAfter } from './retry.mjs';
import { checkStructure } from './verify.mjs';

/**
 * Downloads a file, resuming and retrying, checks it, and gives it its name only then.
 * @param {import('./manifest.mjs').FileEntry} entry
 * @param {{signal: AbortSignal, progress: object, stallMilliseconds: number, retries: number,
 *   firstWait?: number, readSpace?: Function}} options
 *   retries: attempts in a row that may bring nothing new
 * @returns {Promise<import('./manifest.mjs').FileEntry>} with the true size and hash
 */
export async function downloadFile(url, path, entry, options) {
  const { progress, retries } = options;
  const part = new PartialFile(`${path}.part`);
  let failures = 0;
  let furthest = await part.size();
  let startedOver = false;
  for (;;) {
    try {
      const arrived = await receive(url, part, entry, options);
      if (arrived.expected !== null && arrived.sha256 !== arrived.expected) {
        await part.discard();
        const sentence = `${entry.name}: its SHA-256 is ${arrived.sha256}, not ${arrived.expected}`;
        if (!arrived.resumed || startedOver) {
          throw new WeightsError(`${sentence}; what came from ${url} was discarded`);
        }
        // The older part may be what is wrong; a fresh copy settles it.
        startedOver = true;
        progress.note(`${sentence}; starting over`);
        continue;
      }
      await finish(part, path, entry.name);
      progress.finish();
      return { name: entry.name, bytes: arrived.bytes, sha256: arrived.sha256 };
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      const reached = await part.size();
      failures = reached > furthest ? 0 : failures + 1;
      furthest = Math.max(furthest, reached);
      if (failures > retries) {
        throw new WeightsError(`${error.message}; gave up, the same command goes on from here`);
      }
      await waitAfter(error, failures, options);
    }
  }
}

/** Checks the whole file and renames it; one that is not what its name says is discarded. */
export async function finish(part, path, name) {
  try {
    await checkStructure(part.path, name);
  } catch (error) {
    if (error instanceof WeightsError) await part.discard();
    throw error;
  }
  await onPath(path, () => rename(part.path, path));
  await part.discard();
}
