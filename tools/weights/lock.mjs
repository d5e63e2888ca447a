// One download at a time into one folder: two that append to the same file would spoil it.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onPath, WeightsError } from './errors.mjs';

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs the work while holding the folder; a lock left by a process that is gone is taken over. */
export async function withLock(folder, work) {
  const path = join(folder, '.download.lock');
  const take = () => writeFile(path, String(process.pid), { flag: 'wx' });
  await onPath(folder, async () => {
    try {
      await take();
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (Number.isInteger(owner) && owner > 0 && owner !== process.pid && isRunning(owner)) {
        throw new WeightsError(`${folder}: process ${owner} is already downloading into it`);
      }
      await rm(path, { force: true });
      await take();
    }
  });
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
