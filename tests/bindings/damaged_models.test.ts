import { load } from 'glassformer';
import { describe, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { plainFiles, storiesFiles } from './support/models.ts';

const utf8 = new TextEncoder();
const plain = plainFiles();
const weights = plain['model.safetensors']!;

/** The weights with their header rewritten, its length too. */
function withHeader(change: (header: Record<string, never>) => void): Uint8Array {
  const length = Number(new DataView(weights.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(weights.subarray(8, 8 + length)));
  change(header);
  const json = utf8.encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + weights.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(weights.subarray(8 + length), 8 + json.length);
  return file;
}

const loadWith = (files: Record<string, Uint8Array | string>) => load({ ...plain, ...files });

describe('damaged weights give one sentence', () => {
  it.each([
    ['an empty file', new Uint8Array()],
    ['a truncated file', weights.slice(0, weights.length / 2)],
    ['a header of 2^60 bytes', new Uint8Array([0, 0, 0, 0, 0, 0, 0, 16, 123])],
    ['a header that is no JSON', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 91, 91])],
    ['bytes after the end', Uint8Array.from([...weights, 0, 0])],
  ])('%s', async (_, file) => {
    await expectError(loadWith({ 'model.safetensors': file }), 'bad-weights');
  });

  it('a missing tensor, by its name', async () => {
    const file = withHeader((header) => {
      const name = Object.keys(header).find((key) => key.endsWith('h.0.ln_1.weight'))!;
      (header as Record<string, unknown>)['h.9.ln_1.weight'] = header[name];
      delete header[name];
    });
    await expectError(loadWith({ 'model.safetensors': file }), 'bad-weights', /ln_1\.weight/);
  });

  it('weights that are not numbers', async () => {
    const file = weights.slice();
    new DataView(file.buffer).setFloat32(file.length - 4, NaN, true);
    await expectError(loadWith({ 'model.safetensors': file }), 'bad-weights');
  });
});

describe('a damaged configuration gives one sentence', () => {
  const config = JSON.parse(new TextDecoder().decode(plain['config.json']!));
  it.each([
    ['no JSON', '{'],
    ['another model', JSON.stringify({ ...config, model_type: 'llama' })],
    ['no heads', JSON.stringify({ ...config, n_head: 0 })],
    ['absurd dimensions', JSON.stringify({ ...config, n_embd: 2 ** 30, n_head: 1 })],
  ])('%s', async (_, json) => {
    await expectError(loadWith({ 'config.json': json }), 'bad-config');
  });

  it('dimensions that the weights do not have', async () => {
    const json = JSON.stringify({ ...config, n_layer: 3 });
    await expectError(loadWith({ 'config.json': json }), 'bad-weights');
  });
});

describe('a damaged tokenizer gives one sentence', () => {
  const whole = storiesFiles();
  it.each([
    ['no JSON', { 'vocab.json': 'nothing' }],
    ['merges of garbage', { 'merges.txt': '#version: 0.2\n\u0001 garbage here too\n' }],
  ])('%s', async (_, files) => {
    await expectError(load({ ...whole, ...files }), 'bad-tokenizer');
  });

  it('a vocabulary larger than the model', async () => {
    const files = { 'vocab.json': whole['vocab.json']!, 'merges.txt': whole['merges.txt']! };
    await expectError(loadWith(files), 'bad-tokenizer', /512/);
  });
});
