import { readFileSync } from 'node:fs';
import { run } from './command.mjs';
import { below, root } from './paths.mjs';

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds what package-lock.json says, as far as this platform needs it. */
function isInstalled() {
  const locked = packagesIn(below('package-lock.json'));
  const installed = packagesIn(below('node_modules/.package-lock.json'));
  if (!installed) return false;
  return Object.entries(locked ?? {}).every(([name, entry]) => {
    if (name === '' || entry.link) return true;
    const there = installed[name];
    if (!there) return Boolean(entry.optional || entry.devOptional || entry.peer);
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

/** Brings node_modules in line with package-lock.json; does nothing where it already is. */
export async function ensureNpmPackages() {
  if (isInstalled()) return;
  console.log('Installing npm packages');
  await run('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    sentence: 'npm ci failed: its own message is above.',
  });
}
