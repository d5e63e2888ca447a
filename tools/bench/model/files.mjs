import { once } from 'node:events';
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Files that are being written: nothing of them stays when the program is stopped. */
const unfinished = new Set();
process.on('exit', () => unfinished.forEach((file) => rmSync(file, { force: true })));

/**
 * Writes a large file through `write(bytes)`, which resolves when the disk has kept up. The file
 * gets its name only when `fill` is done: an interrupted one leaves nothing that looks whole.
 */
export async function writeFileStreaming(file, fill) {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial);
  unfinished.add(partial);
  const failure = once(stream, 'error').then(([error]) => Promise.reject(error));
  failure.catch(() => {}); // awaited below, where there is something to race with
  const write = async (bytes) => {
    if (bytes.length === 0) return;
    if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), failure]);
  };
  try {
    await fill(write);
    stream.end();
    await Promise.race([once(stream, 'finish'), failure]);
    renameSync(partial, file);
  } catch (error) {
    stream.destroy();
    rmSync(partial, { force: true });
    throw error;
  } finally {
    unfinished.delete(partial);
  }
}

export const bytesOf = (values) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
