import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const stories = path.join(root, 'weights/stories');
export const nano = path.join(root, 'weights/nano');
export const tang = path.join(root, 'weights/tang');
export const golden = (name: string) => path.join(root, 'tests/golden', name);

/** f32 against the float64 reference, relative to the tensor's largest value. */
export const tolerance = 1e-4;

export interface RecordedTensor {
  dims: number[];
  data: Float32Array;
}

/** A trace.safetensors: the token ids, and the float64 reference's tensors rounded to f32. */
export function readTrace(name: string): {
  tokens: number[];
  tensors: Map<string, RecordedTensor>;
} {
  const file = readFileSync(path.join(golden(name), 'trace.safetensors'));
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerLength));
  const tokens: number[] = JSON.parse(header.__metadata__.tokens);
  delete header.__metadata__;
  const start = 8 + headerLength;
  const tensors = new Map<string, RecordedTensor>();
  for (const [tensor, entry] of Object.entries(header)) {
    const { shape, data_offsets } = entry as { shape: number[]; data_offsets: [number, number] };
    const bytes = file.subarray(start + data_offsets[0], start + data_offsets[1]);
    tensors.set(tensor, { dims: shape, data: new Float32Array(Uint8Array.from(bytes).buffer) });
  }
  return { tokens, tensors };
}

/** The largest difference, relative to the largest finite value expected; infinities must agree. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; ++i) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e) continue;
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Infinity;
    difference = Math.max(difference, Math.abs(a - e));
  }
  for (const e of expected) if (Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
  return difference / largest;
}

export const greedy: { prompt: string; ids: number[]; greedy_24: number[]; text: string } =
  JSON.parse(readFileSync(path.join(golden('stories'), 'greedy.json'), 'utf8'));

/** A model's files as `load` takes them. */
export function filesOf(directory: string, names: string[]): Record<string, Uint8Array> {
  return Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(path.join(directory, name)))]),
  );
}

/** The smallest whole model: no tokenizer, token ids only. */
export const plainFiles = () => filesOf(golden('plain'), ['config.json', 'model.safetensors']);
export const storiesFiles = () =>
  filesOf(stories, ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt']);
