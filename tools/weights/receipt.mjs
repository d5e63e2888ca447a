// download.json in a model's folder: which model, which revision, which files. With it, a second run
// needs no network, and one folder never mixes two models.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onPath } from './errors.mjs';

const NAME = 'download.json';

/** @returns {Promise<{id: string, revision: string, files: object[]} | null>} */
export async function readReceipt(folder) {
  try {
    const { id, revision, files } = JSON.parse(await readFile(join(folder, NAME), 'utf8'));
    const valid =
      typeof id === 'string' &&
      Array.isArray(files) &&
      files.every(({ name, bytes }) => typeof name === 'string' && Number.isSafeInteger(bytes));
    return valid ? { id, revision, files } : null;
  } catch {
    return null;
  }
}

export async function writeReceipt(folder, receipt) {
  const path = join(folder, NAME);
  await onPath(path, async () => {
    await writeFile(`${path}.part`, `${JSON.stringify(receipt, null, 2)}\n`);
    await rename(`${path}.part`, path);
  });
}
