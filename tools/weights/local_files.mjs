// --from DIR: the files of a checkpoint from a local folder, with the checks of a download.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finish } from './download.mjs';
import { explained, onPath, WeightsError } from './errors.mjs';
import { chooseFiles } from './hub.mjs';
import { PartialFile } from './partial_file.mjs';

/** The entries of a local checkpoint; `known` (a manifest's) says what each should be. */
export async function localFiles(folder, known) {
  const has = (name) => access(join(folder, name)).then(() => true, () => false);
  if (!(await has('.'))) throw new WeightsError(`${folder}: no such folder`);
  const asKnown = known?.map(({ name }) => name) ?? [];
  const present = await Promise.all(asKnown.map(has));
  const complete = known && present.every(Boolean);
  const names = complete ? asKnown : await chooseFiles(has, folder);
  const entries = [];
  for (const name of names) {
    const entry = known?.find((file) => file.name === name);
    const { size } = await onPath(join(folder, name), () => stat(join(folder, name)));
    if (entry && entry.bytes !== null && entry.bytes !== size) {
      throw new WeightsError(`${join(folder, name)}: ${size} bytes, not ${entry.bytes}`);
    }
    entries.push({ name, bytes: size, sha256: entry?.sha256 ?? null });
  }
  return entries;
}

/** Copies one file, checks it, and gives it its name only then. */
export async function copyFile(from, path, entry, { signal, progress }) {
  const part = new PartialFile(`${path}.part`);
  const hash = createHash('sha256');
  progress.start(entry.name, entry.bytes);
  const file = await part.begin({ length: entry.bytes });
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(from)) {
      signal.throwIfAborted();
      await onPath(part.path, () => file.writeFile(chunk));
      hash.update(chunk);
      bytes += chunk.length;
      progress.update(bytes);
    }
    await onPath(part.path, () => file.datasync());
  } catch (error) {
    await part.discard();
    throw explained(error, from);
  } finally {
    await file.close();
  }
  const sha256 = hash.digest('hex');
  if (entry.sha256 !== null && sha256 !== entry.sha256) {
    await part.discard();
    throw new WeightsError(`${from}: its SHA-256 is ${sha256}, not ${entry.sha256}`);
  }
  await finish(part, path, entry.name);
  progress.finish();
  return { name: entry.name, bytes, sha256 };
}
