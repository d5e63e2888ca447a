// Room on the disk, looked at before a download rather than found out at its end.
import { statfs } from 'node:fs/promises';
import { WeightsError } from './errors.mjs';
import { formatBytes } from './units.mjs';

/** Throws where `bytes` more do not fit into the folder's file system. */
export async function requireSpace(folder, bytes, readSpace = statfs) {
  let space;
  try {
    space = await readSpace(folder);
  } catch {
    return; // Not every file system tells; a full one is then found out by writing.
  }
  const free = Number(space.bavail) * Number(space.bsize);
  if (free < bytes) {
    throw new WeightsError(
      `${folder}: the disk has ${formatBytes(free)} free, and ${formatBytes(bytes)} are needed`,
    );
  }
}
