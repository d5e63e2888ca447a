// Remembers what a step was made from, so that it runs again only when that has changed.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { below, root } from '../setup/paths.mjs';

const ignored = new Set(['node_modules', 'dist', 'build', '.git']);

function* filesBelow(entry) {
  const status = statSync(entry, { throwIfNoEntry: false });
  if (!status) return;
  if (!status.isDirectory()) {
    yield [entry, status];
    return;
  }
  for (const name of readdirSync(entry).sort()) {
    if (!ignored.has(name)) yield* filesBelow(path.join(entry, name));
  }
}

/** Changes when a file below `inputs` is added, removed, renamed or written. */
function fingerprintOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const [file, { size, mtimeMs }] of filesBelow(below(input))) {
      hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

/**
 * Runs `make` unless it succeeded before with the same `inputs` (files and folders, relative to the
 * root) and all `outputs` are still there. Resolves to whether it ran.
 */
export async function makeIfChanged({ name, inputs, outputs, make }) {
  const stamp = below('build/stamps', name);
  const fingerprint = fingerprintOf(inputs);
  const isCurrent =
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === fingerprint &&
    outputs.every((output) => existsSync(below(output)));
  if (isCurrent) return false;
  rmSync(stamp, { force: true });
  await make();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint);
  return true;
}
