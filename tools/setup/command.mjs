import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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

/**
 * Like `run`, for commands that say much: in a terminal it is shown as it comes; elsewhere, where
 * it would fill a log, only when the command fails.
 */
export async function runQuietly(command, args, { sentence, ...options } = {}) {
  if (process.stdout.isTTY) return run(command, args, { sentence, ...options });
  const folder = mkdtempSync(path.join(tmpdir(), 'glassformer-'));
  const log = path.join(folder, 'log');
  const file = openSync(log, 'w');
  try {
    await run(command, args, { sentence, ...options, stdio: ['ignore', file, file] });
  } catch (error) {
    process.stdout.write(readFileSync(log));
    throw error;
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}
