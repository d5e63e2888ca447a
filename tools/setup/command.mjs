import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.mjs';

/** The full path of `name` on PATH, or undefined. */
export function findCommand(name) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (folder && statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here: look in the next folder.
    }
  }
  return undefined;
}

/** What `command` prints on standard output, or undefined where it cannot run or fails. */
export function outputOf(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  return result.status === 0 ? result.stdout : undefined;
}

/**
 * Runs `command` with our own standard streams; resolves to its exit code. A command that a signal
 * ended counts as 1.
 */
export function exitCodeOf(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', (error) => reject(new Failure(`${command} cannot run: ${error.message}.`)));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs `command` with our own standard streams; a Failure with `sentence` where it fails. */
export async function run(command, args, { sentence, ...options } = {}) {
  const code = await exitCodeOf(command, args, options);
  if (code === 0) return;
  throw new Failure(sentence ?? `${[command, ...args].join(' ')} failed with exit code ${code}.`);
}
