import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFileStreaming } from '../../tools/bench/model/files.mjs';
import { fillNormal, randomBits } from '../../tools/bench/model/random.mjs';
import { Checkpoint } from '../../tools/bench/model/safetensors.mjs';
import { config as gpt2Small, sizeOf, tensorsOf } from '../../tools/bench/model/shape.mjs';
import { tensorChunks, writeSyntheticModel } from '../../tools/bench/model/synthetic_model.mjs';
import { promptOf, spellingsOf } from '../../tools/bench/model/vocabulary.mjs';
import { gpt2Graph } from '../../tools/bench/onnx/gpt2_graph.mjs';
import { below } from '../../tools/setup/paths.mjs';
import { referenceModel } from '../gpt2/reference_model.mjs';

const tiny = {
  ...gpt2Small,
  n_layer: 2,
  n_head: 2,
  n_embd: 32,
  n_positions: 16,
  n_ctx: 16,
  vocab_size: 300,
};

let folder;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'glassformer-bench-'));
  await writeSyntheticModel(folder, { seed: 5, config: tiny });
});
afterAll(() => rmSync(folder, { recursive: true }));

const draw = (seed, count) => {
  const values = new Float32Array(count);
  fillNormal(values, randomBits(seed), { mean: 1, deviation: 0.5 });
  return values;
};

describe('random weights', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(draw(3, 100)).toEqual(draw(3, 100));
    expect(draw(3, 100)).not.toEqual(draw(4, 100));
    expect(new Set(draw(0, 100)).size).toBeGreaterThan(90);
  });

  test('have the mean and the deviation that were asked for', () => {
    const values = draw(1, 100_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(1, 2); // 0.5 / sqrt(100000) = 0.0016
    expect(Math.sqrt(variance)).toBeCloseTo(0.5, 2);
  });

  test('come in chunks that together have the size of the tensor', () => {
    const tensor = { dims: [1025, 1024], mean: 0, deviation: 1 };
    const sizes = [...tensorChunks(tensor, 0, 1)].map((chunk) => chunk.length);
    expect(sizes).toEqual([2 ** 20, 1024]);
  });
});

describe('the synthetic model', () => {
  test('of GPT-2 small has its 124 439 808 parameters', () => {
    const sizes = tensorsOf(gpt2Small).map(({ dims }) => sizeOf(dims));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(124_439_808);
  });

  test('is read as it was written', async () => {
    const checkpoint = await Checkpoint.open(path.join(folder, 'model.safetensors'));
    const tensors = tensorsOf(tiny);
    for (const [index, tensor] of tensors.entries()) {
      expect(checkpoint.dims(tensor.name)).toEqual(tensor.dims);
      const [chunk] = tensorChunks(tensor, index, 5);
      expect(await checkpoint.values(tensor.name)).toEqual(chunk);
    }
    await expect(checkpoint.values('h.9.ln_1.bias')).rejects.toThrow('no tensor h.9.ln_1.bias');
    await checkpoint.close();
  });

  test('a file appears only when it is whole', async () => {
    const fail = async (write) => {
      await write(new Uint8Array(10));
      throw new Error('stopped');
    };
    await expect(writeFileStreaming(path.join(folder, 'new'), fail)).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('new'))).toEqual([]);
  });
});

describe('the vocabulary', () => {
  test('spells every id differently, and ends with the end of text', () => {
    const spellings = spellingsOf(50257);
    expect(spellings).toHaveLength(50257);
    expect(new Set(spellings).size).toBe(50257);
    expect(spellings[220]).toBe('\u0120'); // GPT-2's id of a space
    expect(spellings.at(-1)).toBe('<|endoftext|>');
  });

  test('a prompt has as many letters as tokens, with the ids of these letters', () => {
    const { text, ids } = promptOf(30);
    const spellings = spellingsOf(300);
    expect(ids.map((id) => spellings[id]).join('')).toBe(text);
    expect(new Set(ids).size).toBe(26);
  });
});

const ort = below('tools/bench/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs');

describe.skipIf(!existsSync(ort))('the ONNX graphs (npm run bench installs their engine)', () => {
  const prompt = promptOf(5);
  let trace;
  let ortModule;
  let checkpoint;

  beforeAll(async () => {
    ortModule = await import(ort);
    ortModule.env.wasm.numThreads = 1;
    checkpoint = await Checkpoint.open(path.join(folder, 'model.safetensors'));
    const model = await referenceModel(folder, new Map());
    trace = await model.run(prompt.ids, { edits: [] });
  });
  afterAll(() => checkpoint.close());

  const session = async (options) => {
    const file = path.join(folder, `${options.dtype}-${options.returns}.onnx`);
    await gpt2Graph(checkpoint, tiny, options).write(file);
    return ortModule.InferenceSession.create(readFileSync(file));
  };
  const ids = (list) =>
    new ortModule.Tensor('int64', BigInt64Array.from(list, BigInt), [1, list.length]);
  const expected = () => Array.from(trace.get('logits').data).slice(-tiny.vocab_size);
  const difference = (logits) =>
    expected().reduce((most, logit, i) => Math.max(most, Math.abs(logit - logits[i])), 0);

  async function inTwoSteps(dtype) {
    const graph = await session({ dtype, returns: 'cache' });
    const step = (list, past) => graph.run({ input_ids: ids(list), ...past });
    const names = graph.inputNames.filter((name) => name.startsWith('past'));
    const dims = [1, tiny.n_head, 0, tiny.n_embd / tiny.n_head];
    const nothing = names.map((name) => [
      name,
      new ortModule.Tensor('float32', new Float32Array(0), dims),
    ]);
    const first = await step(prompt.ids.slice(0, 3), Object.fromEntries(nothing));
    const past = names.map((name) => [name, first[name.replace('past_key_values', 'present')]]);
    const second = await step(prompt.ids.slice(3), Object.fromEntries(past));
    await graph.release();
    return second.logits.data;
  }

  test('f32, prompt in two parts with a cache: the float64 logits', async () => {
    expect(difference(await inTwoSteps('f32'))).toBeLessThan(1e-5);
  });

  test('q8: nearly the float64 logits, and not exactly', async () => {
    const found = difference(await inTwoSteps('q8'));
    expect(found).toBeLessThan(0.02);
    expect(found).toBeGreaterThan(1e-5);
  });

  test('with attention: rows of every head sum to 1, the future is masked', async () => {
    const graph = await session({ dtype: 'f32', returns: 'attention' });
    const results = await graph.run({ input: ids(prompt.ids) });
    expect(graph.outputNames).toHaveLength(tiny.n_layer * tiny.n_head * 5 + 1);
    expect(difference(results.linear_output.data)).toBeLessThan(1e-5);
    const { dims, data } = results.block_1_attn_head_1_attn_softmax;
    expect(dims).toEqual([1, 5, 5]);
    for (let row = 0; row < 5; row += 1) {
      const weights = data.slice(5 * row, 5 * row + 5);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
      expect([...weights.slice(row + 1)].every((weight) => weight === 0)).toBe(true);
    }
    expect(results.block_0_attn_head_0_attn_masked.data[1]).toBe(-Infinity);
    await graph.release();
  });
});
