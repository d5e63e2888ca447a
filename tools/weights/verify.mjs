// Is a file what its name says? Sizes and hashes where they are known, structure always.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { onPath, WeightsError } from './errors.mjs';

// The format's own limit (safetensors, "Format": the header is at most 100 MB).
const MAX_SAFETENSORS_HEADER = 100_000_000;

/** A SHA-256 that has been fed the first `end` bytes of the file. */
export async function hashOfStart(path, end, signal) {
  const hash = createHash('sha256');
  if (end > 0) {
    for await (const chunk of createReadStream(path, { end: end - 1, signal })) hash.update(chunk);
  }
  return hash;
}

/** Throws where the file at `path`, to become `name`, cannot be a whole file of its kind. */
export async function checkStructure(path, name) {
  if (name.endsWith('.safetensors')) await checkSafetensors(path, name);
  else if (name.endsWith('.json')) await checkJson(path, name);
}

async function checkJson(path, name) {
  const text = await onPath(path, () => readFile(path, 'utf8'));
  try {
    JSON.parse(text);
  } catch {
    throw new WeightsError(`${name}: not JSON${hint(text)}`);
  }
}

async function checkSafetensors(path, name) {
  const file = await onPath(path, () => open(path));
  try {
    const { size } = await file.stat();
    const start = await readUpTo(file, 0, Math.min(size, 64));
    if (start.length < 8) {
      throw new WeightsError(`${name}: not safetensors: only ${start.length} bytes`);
    }
    const headerLength = start.readBigUInt64LE(0);
    if (headerLength > BigInt(Math.min(size - 8, MAX_SAFETENSORS_HEADER))) {
      throw new WeightsError(
        `${name}: not safetensors: a header of ${headerLength} bytes in a file of ` +
          `${size}${hint(start.toString('latin1'))}`,
      );
    }
    const headerBytes = await readUpTo(file, 8, Number(headerLength));
    const end = endOfTensors(headerBytes.toString('utf8'), name);
    const stated = 8 + Number(headerLength) + end;
    if (stated !== size) {
      throw new WeightsError(
        `${name}: its header speaks of ${stated} bytes, but the file has ${size}`,
      );
    }
  } finally {
    await file.close();
  }
}

/** The largest end of a tensor's byte range: the length of the data behind the header. */
function endOfTensors(text, name) {
  let header;
  try {
    header = JSON.parse(text);
  } catch {
    throw new WeightsError(`${name}: not safetensors: its header is not JSON`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new WeightsError(`${name}: not safetensors: its header is not an object`);
  }
  let end = 0;
  for (const [tensor, entry] of Object.entries(header)) {
    if (tensor === '__metadata__') continue;
    const offsets = entry?.data_offsets;
    const valid =
      Array.isArray(offsets) &&
      offsets.length === 2 &&
      offsets.every((offset) => Number.isSafeInteger(offset) && offset >= 0) &&
      offsets[0] <= offsets[1];
    if (!valid) throw new WeightsError(`${name}: ${tensor} has no valid data_offsets`);
    end = Math.max(end, offsets[1]);
  }
  return end;
}

async function readUpTo(file, position, length) {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** What else the start of the file looks like. */
function hint(text) {
  if (text.startsWith('version https://git-lfs')) {
    return ' (it is a Git LFS pointer: run "git lfs pull" in the folder it comes from)';
  }
  if (/^\s*<(!doctype|html)/i.test(text)) return ' (it is a web page)';
  return '';
}
