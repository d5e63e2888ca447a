// Whatever is wrong with a model's files: one line that names the file and the fault, and exit 1.
import { truncateSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changeFile, copyOf, glassformer, stories, withHeader } from './command_line.mjs';

const wte = (header) => Object.keys(header).find((name) => name.endsWith('wte.weight'));

const weights = (change) => (folder) => changeFile(join(folder, 'model.safetensors'), change);
const header = (change) => weights((bytes) => withHeader(bytes, change));
const config = (change) => (folder) =>
  changeFile(join(folder, 'config.json'), (bytes) =>
    JSON.stringify({ ...JSON.parse(bytes.toString('utf8')), ...change }),
  );
const text = (name, content) => (folder) => writeFileSync(join(folder, name), content);

const cases = {
  'a truncated file': [
    (folder) => truncateSync(join(folder, 'model.safetensors'), 1_000_000),
    /model\.safetensors: /,
  ],
  'an empty weights file': [text('model.safetensors', ''), /model\.safetensors: ends early/],
  'a header length of 2^60': [
    weights((bytes) => {
      bytes.writeBigUInt64LE(1n << 60n, 0);
      return bytes;
    }),
    /the header length is 1,152,921,504,606,846,976 bytes/,
  ],
  'negative offsets': [
    header((h) => {
      h[wte(h)].data_offsets[0] = -8;
    }),
    /wte\.weight" has the negative number -8 in its data_offsets/,
  ],
  'overlapping tensors': [
    header((h) => {
      const names = Object.keys(h).filter((name) => name !== '__metadata__');
      const [first, second] = names.filter((name) => /ln_1\.weight$/.test(name));
      h[second].data_offsets = h[first].data_offsets;
    }),
    /model\.safetensors: tensor /,
  ],
  'a shape that overflows': [
    header((h) => {
      h[wte(h)].shape = [2 ** 40, 2 ** 40];
    }),
    /wte\.weight" has a shape whose size overflows/,
  ],
  'the wrong shape': [
    header((h) => {
      h[wte(h)].shape.reverse();
    }),
    /wte\.weight/,
  ],
  'a header that is not JSON': [
    weights((bytes) => {
      bytes[40] = 0;
      return bytes;
    }),
    /model\.safetensors: the header is not valid JSON/,
  ],
  'a weight that is not a number': [
    weights((bytes) => {
      const length = Number(bytes.readBigUInt64LE(0));
      bytes.writeUInt16LE(0x7e00, 8 + length + 2000);
      return bytes;
    }),
    /model\.safetensors: .*(not a number|NaN)/i,
  ],
  'a missing tensor': [
    header((h) => {
      const name = Object.keys(h).find((key) => key.endsWith('ln_f.bias'));
      h[name.replace('ln_f', 'ln_g')] = h[name];
      delete h[name];
    }),
    /ln_[fg]\.bias/,
  ],
  'an unknown dtype': [
    header((h) => {
      h[wte(h)].dtype = 'F8';
    }),
    /has the unknown dtype "F8"/,
  ],
  'no weights': [
    (folder) => rm(join(folder, 'model.safetensors')),
    /model\.safetensors: No such file or directory/,
  ],
  'a folder in place of the weights': [
    async (folder) => {
      await rm(join(folder, 'model.safetensors'));
      await mkdir(join(folder, 'model.safetensors'));
    },
    /model\.safetensors: is a directory/,
  ],
  'no configuration': [(folder) => rm(join(folder, 'config.json')), /config\.json: No such file/],
  'a configuration that is not JSON': [
    text('config.json', '{"n_layer": 6'),
    /config\.json is not valid JSON at its end/,
  ],
  'another kind of model': [config({ model_type: 'llama' }), /model_type is "llama"/],
  'an unknown activation': [config({ activation_function: 'swiglu' }), /"swiglu"/],
  'no layers': [config({ n_layer: 0 }), /n_layer must be positive, not 0/],
  'absurd dimensions': [config({ n_embd: 2 ** 53 }), /n_embd is 9007199254740992/],
  'heads that do not divide the width': [config({ n_head: 5 }), /not divisible by n_head, 5/],
  'a configuration with fewer tokens than the tokenizer has': [
    config({ vocab_size: 100 }),
    /vocab\.json: has ids up to 4,095, but vocab_size in config\.json is 100/,
  ],
  'a vocabulary that does not fit the model': [
    (folder) =>
      changeFile(join(folder, 'vocab.json'), (bytes) =>
        JSON.stringify({ ...JSON.parse(bytes.toString('utf8')), more: 4096 }),
      ),
    /vocab\.json: has ids up to 4,096, but vocab_size in config\.json is 4,096/,
  ],
  'merges with garbage': [
    text('merges.txt', '#version: 0.2\nĠ t\n\u0000\u0001 garbage of three words\n'),
    /merges\.txt.*line 3/,
  ],
  'merges that are not UTF-8': [
    text('merges.txt', Buffer.from([0x23, 10, 255, 254, 32, 65])),
    /merges\.txt/,
  ],
  'a vocabulary that is not an object': [text('vocab.json', '[1, 2]'), /vocab\.json/],
  'no tokenizer': [(folder) => rm(join(folder, 'vocab.json')), /vocab\.json: No such file/],
};

test.each(Object.entries(cases))('%s', async (_name, [damage, message]) => {
  const folder = await copyOf(stories);
  await damage(folder);
  const argv = ['generate', folder, '--prompt', 'Once', '--max-tokens', '1'];
  const { code, signal, out, err } = await glassformer(argv);
  expect({ code, signal, out }).toEqual({ code: 1, signal: null, out: '' });
  expect(err).toMatch(message);
  expect(err).toMatch(/^glassformer: [^\n]*\n$/);
  expect(err).toContain(folder);
});
