// weights/manifest.json, and what a model's name on the command line means.
import { readFile } from 'node:fs/promises';
import { onPath, WeightsError } from './errors.mjs';

/**
 * @typedef {{name: string, bytes: number | null, sha256: string | null}} FileEntry
 *   null: not known beforehand; the server's word and the file's own structure are checked
 * @typedef {{id: string, folder: string, revision: string | null, files: FileEntry[] | null,
 *   parameters: number | null}} Model
 *   files is null where they have to be discovered; folder is a name inside weights/
 */

// The Hub's own rule: letters, digits, '-', '_', '.', at most 96 characters. No leading dot, so
// that no id is a hidden file or climbs out of weights/.
const ID = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95}$/;

export async function readManifest(path) {
  const text = await onPath(path, () => readFile(path, 'utf8'));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WeightsError(`${path}: not JSON: ${error.message}`);
  }
}

/** The model that the user means by a manifest's id, its folder name, or any Hub id. */
export function findModel(manifest, text) {
  const embedded = manifest.embedded.find((entry) => entry.id === text);
  if (embedded) {
    throw new WeightsError(`${text} is an embedded model: it is in weights/${embedded.path} already`);
  }
  const known = manifest.downloadable.find((entry) => entry.id === text || entry.path === text);
  if (known) {
    const { id, path, revision, files, parameters } = known;
    return { id, folder: path, revision: revision ?? null, files, parameters };
  }
  if (!ID.test(text) || text.includes('..') || text.includes('--')) {
    throw new WeightsError(
      `"${text}" is no model name: it should look like openai-community/gpt2 (owner/name)`,
    );
  }
  const folder = text.split('/')[1];
  const taken = [...manifest.embedded, ...manifest.downloadable].find((m) => m.path === folder);
  if (taken) {
    throw new WeightsError(
      `weights/${folder} is the place of ${taken.id}; name another folder for ${text} with --to`,
    );
  }
  return { id: text, folder, revision: null, files: null, parameters: null };
}
