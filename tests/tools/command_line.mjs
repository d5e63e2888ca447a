// The program, run as a person would run it: the native one, or, in the package's tests, the one in
// WebAssembly that the package brings (vitest.config.mjs sets GLASSFORMER_PROGRAM).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { afterAll, onTestFinished } from 'vitest';
import { SafetensorsFile } from '../gpt2/safetensors.mjs';

const repository = join(import.meta.dirname, '..', '..');
const program = join(repository, process.env.GLASSFORMER_PROGRAM ?? 'build/native/bin/glassformer');

/** Whether it runs in Node. */
export const inNode = program.endsWith('.js');

/** A file or folder of the repository. */
export const inRepository = (...parts) => join(repository, ...parts);

export const stories = inRepository('weights', 'stories');

/**
 * Runs it; resolves to its exit code, standard output as bytes and text, and standard error. `input` is
 * standard input, whole or as a generator of its parts; `started` gets the process.
 */
export function glassformer(argv, { input = '', shell, started = () => {} } = {}) {
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
    if (typeof input === 'object' && Symbol.asyncIterator in input)
      Readable.from(input).pipe(child.stdin);
    else child.stdin.end(input);
    started(child);
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

/** A model's folder with all weights 0: as large as its dimensions, but small on the disk. */
export async function zeroModel(dimensions) {
  const folder = freshPath('zeros');
  await cp(inRepository('tests', 'golden', 'plain'), folder, { recursive: true });
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  Object.assign(config, dimensions);
  delete config.n_ctx;
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));

  const { n_embd: width, n_positions: positions, vocab_size: vocabulary, n_layer: layers } = config;
  const shapes = { 'wte.weight': [vocabulary, width], 'wpe.weight': [positions, width] };
  const norm = (name) => {
    shapes[`${name}.weight`] = [width];
    shapes[`${name}.bias`] = [width];
  };
  const product = (name, inputs, outputs) => {
    shapes[`${name}.weight`] = [inputs, outputs];
    shapes[`${name}.bias`] = [outputs];
  };
  for (let layer = 0; layer < layers; ++layer) {
    norm(`h.${layer}.ln_1`);
    norm(`h.${layer}.ln_2`);
    product(`h.${layer}.attn.c_attn`, width, 3 * width);
    product(`h.${layer}.attn.c_proj`, width, width);
    product(`h.${layer}.mlp.c_fc`, width, 4 * width);
    product(`h.${layer}.mlp.c_proj`, 4 * width, width);
  }
  norm('ln_f');
  const header = {};
  let bytes = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const size = 4 * shape.reduce((product, length) => product * length);
    header[name] = { dtype: 'F32', shape, data_offsets: [bytes, (bytes += size)] };
  }
  const path = join(folder, 'model.safetensors');
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await writeFile(path, Buffer.concat([length, text]));
  await truncate(path, 8 + text.length + bytes);
  return folder;
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
