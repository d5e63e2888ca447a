import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extent, max, rollup, sum } from 'd3-array';
import { load, tensor, type ActivationCache, type Model, type Tensor } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainFiles } from './support/models.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'glassformer-tensors-'));
let model: Model;
let cache: ActivationCache;
/** [T,H,D] */
let q: Tensor;
beforeAll(async () => {
  model = await load(plainFiles());
  ({ cache } = await model.runWithCache([5, 17, 30, 44], { names: ['*'] }));
  q = cache.get('blocks.0.attn.hook_q');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await model.dispose();
});

/** The system's own, where another one comes first that has no NumPy. */
const python = ['python3', '/usr/bin/python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import numpy']).status === 0,
)!;

/** What a Python program prints of a file, as JSON. */
function inPython(bytes: Uint8Array, name: string, program: string): unknown {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const script = `import json, sys, numpy\nfile = numpy.load(sys.argv[1])\n${program}`;
  return JSON.parse(execFileSync(python, ['-c', script, file], { encoding: 'utf8' }));
}

describe('a tensor', () => {
  it('is made of numbers of one’s own as well', async () => {
    const data = Array.from(q.data, (value) => Math.fround(2 * value));
    const own = tensor('twice', q.dims, data);
    expect(own.toJSON()).toEqual({ name: 'twice', dims: q.dims, data });
    data[0] = 0;
    expect(own.at(0, 0, 0)).toBe(2 * q.at(0, 0, 0));
    // An edit takes it as one of the model's.
    const edits = [{ name: q.name, op: 'patch' as const, value: own }];
    const run = await model.runWithCache([5, 17, 30, 44], { names: [q.name], edits });
    expect(run.cache.get(q.name).data).toEqual(own.data);
    for (const dims of [[], [3], [-1, -data.length], [0.5, 2 * data.length]]) {
      expect(() => tensor('odd', dims, data)).toThrow(/^odd has dimensions \[.*do not fill$/);
    }
  });

  it('has strides that lead to its elements', () => {
    const [T, H, D] = q.dims as [number, number, number];
    expect(q.strides).toEqual([H * D, D, 1]);
    expect(q.size).toBe(T * H * D);
    expect(q.at(2, 1, 3)).toBe(q.data[2 * q.strides[0]! + 1 * q.strides[1]! + 3]);
    expect(q.at(-1, -1, -1)).toBe(q.data.at(-1));
  });

  it('is sliced by index, which removes an axis, and by range, which keeps it', () => {
    const [T, H, D] = q.dims as [number, number, number];
    const head = q.slice(null, 1);
    expect(head.dims).toEqual([T, D]);
    expect(head.at(2, 3)).toBe(q.at(2, 1, 3));
    const part = q.slice([1, 3], undefined, [-2]);
    expect(part.dims).toEqual([2, H, 2]);
    expect(part.at(0, 1, 1)).toBe(q.at(1, 1, D - 1));
    expect(part.name).toBe('blocks.0.attn.hook_q[1:3, :, -2:]');
    expect(q.slice(0, 0, 0).dims).toEqual([]);
    expect(q.slice(0, 0, 0).at()).toBe(q.data[0]);
    expect(q.slice([2, 2]).size).toBe(0);
    head.data.fill(0);
    expect(q.at(2, 1, 3)).not.toBe(0);
  });

  it('refuses indices and ranges outside its axes', () => {
    expect(() => q.at(0, 0)).toThrow(/has 3 axes/);
    expect(() => q.at(0, 0, 1e9)).toThrow(/outside axis 2/);
    expect(() => q.slice(0, 0, 0, 0)).toThrow(/has 3 axes/);
    expect(() => q.slice(9)).toThrow(/Index 9 is outside axis 0/);
    expect(() => q.slice([3, 2])).toThrow(/range \[3, 2\] is outside axis 0/);
    expect(() => q.slice([0, 0.5])).toThrow(/range/);
  });

  it('gives its rows, nested arrays and records', () => {
    const rows = [...q.rows()];
    expect(rows).toHaveLength(q.dims[0]! * q.dims[1]!);
    expect(rows[1]![2]).toBe(q.at(0, 1, 2));
    expect((q.toNested() as number[][][])[3]![1]![0]).toBe(q.at(3, 1, 0));
    const records = q.toRecords(['token', 'head', 'dim']);
    expect(records).toHaveLength(q.size);
    const { token, head, dim, value } = records[q.strides[0]! * 2 + 5]!;
    expect(q.at(token!, head!, dim!)).toBe(value);
    expect(() => q.toRecords(['token'])).toThrow(/3 axes, but 1/);
  });

  it('is what D3 takes', () => {
    const pattern = cache.get('blocks.0.attn.hook_pattern');
    expect(extent(pattern.data)).toEqual([0, 1]);
    expect(max(pattern.toRecords(), ({ value }) => value)).toBe(1);
    const rows = rollup(
      pattern.toRecords(['head', 'query', 'key']),
      (cells) => sum(cells, ({ value }) => value),
      ({ head }) => head,
      ({ query }) => query,
    );
    expect(rows.get(1)!.get(2)).toBeCloseTo(1, 6);
  });

  it('becomes JSON', () => {
    const { name, dims, data } = JSON.parse(JSON.stringify(q));
    expect({ name, dims }).toEqual({ name: q.name, dims: q.dims });
    expect(Float32Array.from(data)).toEqual(q.data);
  });

  it('becomes a table with a line for each row', () => {
    const lines = q.toCSV().split('\n');
    const [T, H, D] = q.dims as [number, number, number];
    expect(lines[0]).toBe(['i', 'j', ...Array(D).keys()].join(','));
    expect(lines).toHaveLength(1 + T * H + 1);
    const [i, j, ...row] = lines[1 + 2 * H + 1]!.split(',').map(Number);
    expect([i, j]).toEqual([2, 1]);
    expect(Math.fround(row[3]!)).toBe(q.at(2, 1, 3));
  });

  it('opens in NumPy', () => {
    const scores = cache.get('blocks.0.attn.hook_attn_scores');
    expect(
      inPython(
        scores.toNpy(),
        'scores.npy',
        'print(json.dumps([str(file.dtype), file.shape, float(file[1, 2, 1]), bool(numpy.isneginf(file[0, 0, 1]))]))',
      ),
    ).toEqual(['float32', scores.dims, scores.at(1, 2, 1), true]);
    const scalar = q.slice(0, 0, 0);
    expect(inPython(scalar.toNpy(), 's.npy', 'print(json.dumps(file.shape))')).toEqual([]);
    const vector = q.slice(0, 0);
    expect(inPython(vector.toNpy(), 'v.npy', 'print(json.dumps(file.tolist()))')).toEqual(
      Array.from(vector.data),
    );
  });
});

describe('a cache', () => {
  it('opens in NumPy as a dictionary', () => {
    const program = `
assert file.zip.testzip() is None
print(json.dumps({name: [list(file[name].shape), float(file[name].ravel()[-1])] for name in file}))`;
    const opened = inPython(cache.toNpz(), 'cache.npz', program) as Record<string, unknown[]>;
    expect(Object.keys(opened)).toEqual(cache.names());
    for (const [name, tensor] of cache) {
      expect(opened[name]).toEqual([tensor.dims, tensor.data.at(-1)]);
    }
  });

  it('becomes a safetensors file', () => {
    const bytes = cache.toSafetensors();
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(Object.keys(header)).toEqual(cache.names());
    const { dtype, shape, data_offsets } = header[q.name];
    expect({ dtype, shape }).toEqual({ dtype: 'F32', shape: q.dims });
    const [begin, end] = data_offsets.map((offset: number) => 8 + length + offset);
    expect(new Float32Array(bytes.slice(begin, end).buffer)).toEqual(q.data);
    expect(bytes.length).toBe(8 + length + cache.bytes);
  });
});
