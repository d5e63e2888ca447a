// The native program, run as a person would run it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { SafetensorsFile } from '../gpt2/safetensors.mjs';

const repository = join(import.meta.dirname, '..', '..');
const program = join(repository, 'build', 'native', 'bin', 'glassformer');

/** A file or folder of the repository. */
export const inRepository = (...parts) => join(repository, ...parts);

export const stories = inRepository('weights', 'stories');

/** Runs it; resolves to its exit code, standard output as bytes and text, and standard error. */
export function glassformer(argv, { input = '', shell } = {}) {
  return new Promise((resolve, reject) => {
    const child = shell
      ? spawn('bash', ['-c', shell, program, ...argv])
      : spawn(program, argv, { cwd: repository });
    const out = [];
    let err = '';
    child.stdout.on('data', (bytes) => out.push(bytes));
    child.stderr.on('data', (text) => (err += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      resolve({ code, signal, bytes, out: bytes.toString('utf8'), err });
    });
    child.stdin.on('error', () => {}); // A program that needs no input may be gone already.
    child.stdin.end(input);
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'glassformer-command-line-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;

/** A path in a folder that is removed after the tests. */
export const freshPath = (name = 'out') => join(scratch, `${++count}-${name}`);

/** A copy of a model's folder, to be damaged. */
export async function copyOf(folder) {
  const copy = freshPath('model');
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Replaces a file by what `change` makes of it. */
export async function changeFile(path, change) {
  await writeFile(path, await change(await readFile(path)));
}

/** Changes the JSON header of a safetensors file; the data stays. */
export function withHeader(bytes, change) {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
  const changed = Buffer.from(JSON.stringify(change(header) ?? header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(changed.length));
  return Buffer.concat([prefix, changed, bytes.subarray(8 + length)]);
}

/** A safetensors file, open until the test ends. */
export async function openTensors(...path) {
  const file = await SafetensorsFile.open(join(...path));
  onTestFinished(() => file.close());
  return file;
}
