// A whole checkpoint into its folder: which files, which of them are here, then one after another.
import { mkdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { requireSpace } from './disk.mjs';
import { downloadFile } from './download.mjs';
import { onPath, WeightsError } from './errors.mjs';
import { discoverFiles, fileUrl } from './hub.mjs';
import { copyFile, localFiles } from './local_files.mjs';
import { withLock } from './lock.mjs';
import { findModel } from './manifest.mjs';
import { readReceipt, writeReceipt } from './receipt.mjs';
import { formatBytes } from './units.mjs';

/**
 * Fetches the model that options.model names, unless it is here.
 * @returns {Promise<string>} what to tell the user
 */
export async function fetchModel(manifest, weightsFolder, options) {
  const model = findModel(manifest, options.model);
  const folder = options.to ? resolve(options.to) : join(weightsFolder, model.folder);
  const revision = options.revision ?? model.revision ?? 'main';
  // Another revision than the manifest's is another set of files: nothing is known of them.
  const known = revision === (model.revision ?? 'main') ? model.files : null;
  const shown = shorter(folder);

  const receipt = await readReceipt(folder);
  if (receipt && receipt.id !== model.id) {
    throw new WeightsError(
      `${shown} holds ${receipt.id}; name another folder for ${model.id} with --to`,
    );
  }
  const otherRevision = receipt !== null && receipt.revision !== revision;
  const force = options.force || otherRevision;
  const expected = receipt && !otherRevision ? receipt.files : known;
  if (!force && expected && (await allHere(folder, expected))) {
    return `${shown} is complete: ${describe(expected)}`;
  }

  await onPath(folder, () => mkdir(folder, { recursive: true }));
  const files = await withLock(folder, async () => {
    const entries = options.from
      ? await localFiles(options.from, known)
      : (known ?? (await discoverFiles(options.hub, model.id, revision, options)));
    return takeAll(entries, folder, { ...options, force }, (entry, path) =>
      options.from
        ? copyFile(join(options.from, entry.name), path, entry, options)
        : downloadFile(fileUrl(options.hub, model.id, revision, entry.name), path, entry, options),
    );
  });
  await writeReceipt(folder, { id: model.id, revision, files });
  return `${shown} is complete: ${describe(files)}`;
}

/** Takes each file that is not here in its full size. */
async function takeAll(entries, folder, options, take) {
  if (options.from && resolve(options.from) === folder) {
    throw new WeightsError(`${options.from} is the folder that the files should go to`);
  }
  const missing = [];
  for (const entry of entries) {
    const here = !options.force && (await sizeOf(join(folder, entry.name)));
    if (entry.bytes === null || here !== entry.bytes) missing.push(entry);
  }
  let needed = 0;
  for (const entry of missing) {
    const partial = (await sizeOf(join(folder, `${entry.name}.part`))) ?? 0;
    needed += Math.max(0, (entry.bytes ?? 0) - partial);
  }
  await requireSpace(folder, needed, options.readSpace);

  const files = [];
  for (const entry of entries) {
    options.signal.throwIfAborted();
    const path = join(folder, entry.name);
    files.push(missing.includes(entry) ? await take(entry, path) : entry);
  }
  return files;
}

async function allHere(folder, files) {
  for (const { name, bytes } of files) {
    const size = await sizeOf(join(folder, name));
    if (size === null || (bytes !== null && size !== bytes)) return false;
  }
  return true;
}

async function sizeOf(path) {
  try {
    const status = await stat(path);
    return status.isFile() ? status.size : null;
  } catch {
    return null;
  }
}

function describe(files) {
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  return `${files.length} files, ${formatBytes(bytes)}`;
}

function shorter(folder) {
  const short = relative(process.cwd(), folder);
  return short === '' ? basename(folder) : short.startsWith('..') ? folder : short;
}
