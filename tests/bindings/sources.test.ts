import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load, type ModelSource } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { greedy, plainFiles, root, stories, storiesFiles } from './support/models.ts';
import { below, serveFiles } from './support/server.ts';

const nextToken = async (source: ModelSource, options = {}) => {
  await using model = await load(source, options);
  const { logits } = await model.runWithCache(greedy.prompt, { names: [], logits: 'last' });
  return { next: model.sample(logits, { temperature: 0 }).token, name: model.info.name };
};
const [next] = greedy.greedy_24;

describe('a model is loaded from', () => {
  it('a directory, as a path or a file: address', async () => {
    expect(await nextToken(stories)).toEqual({ next, name: stories });
    expect((await nextToken(pathToFileURL(stories))).next).toBe(next);
    expect((await nextToken(pathToFileURL(stories).href)).next).toBe(next);
    const relative = path.relative(process.cwd(), stories);
    expect((await nextToken(relative)).next).toBe(next);
  });

  it('an address, with or without a slash at its end', async () => {
    await using server = await serveFiles(below('/models/stories', storiesFiles()));
    const address = `${server.url}/models/stories`;
    expect(await nextToken(address)).toEqual({ next, name: address });
    expect((await nextToken(`${address}/`)).next).toBe(next);
    expect((await nextToken(new URL(address))).next).toBe(next);
  });

  it('the Hub, by its id and a revision', async () => {
    await using server = await serveFiles(below('/me/tiny-gpt2/resolve/v1.0', storiesFiles()));
    const options = { hub: server.url, revision: 'v1.0' };
    expect(await nextToken('me/tiny-gpt2', options)).toEqual({ next, name: 'me/tiny-gpt2' });
    await expectError(
      load('me/tiny-gpt2', { hub: server.url }),
      'network',
      /resolve\/main\/config\.json answered 404/,
    );
  });

  it('files that a person dropped, in whatever folder', async () => {
    const files = Object.entries(storiesFiles()).map(
      ([name, bytes]) => new File([bytes as BlobPart], `some/folder/${name}`),
    );
    expect(await nextToken(files)).toEqual({ next, name: 'files' });
  });

  it('bytes by name, which stay as they were', async () => {
    const files = storiesFiles();
    expect((await nextToken(files)).next).toBe(next);
    expect(files['model.safetensors']!.length).toBeGreaterThan(7e6);
    const mixed = {
      'config.json': readFileSync(path.join(stories, 'config.json'), 'utf8'),
      'vocab.json': files['vocab.json']!.slice().buffer,
      'merges.txt': new Blob([files['merges.txt'] as BlobPart]),
      'model.safetensors': files['model.safetensors']!,
    };
    expect((await nextToken(mixed)).next).toBe(next);
  });

  it("another program's fetch", async () => {
    const files = storiesFiles();
    const asked: string[] = [];
    const fetch = async (address: string) => {
      asked.push(address);
      const content = files[new URL(address).pathname.slice(1)];
      return content ? new Response(content as BodyInit) : new Response(null, { status: 404 });
    };
    expect((await nextToken('https://nowhere.invalid/', { fetch })).next).toBe(next);
    expect(asked).toContain('https://nowhere.invalid/model.safetensors');
  });
});

describe('what a model tells about itself', () => {
  it('is its dimensions and its memory', async () => {
    await using model = await load(stories);
    expect(model.config).toMatchObject({ n_layer: 6, n_head: 6, n_embd: 192, head_width: 32 });
    expect(model.info).toMatchObject({ dtype: 'f32', simd: true, worker: false });
    expect(model.info.bytes).toBeGreaterThanOrEqual(4 * model.info.parameters);
    const sizes = model.weights.map(({ dims }) => dims.reduce((product, n) => product * n, 1));
    expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(model.info.parameters);
  });

  it('includes the table of activations', async () => {
    await using model = await load(plainFiles());
    const pattern = model.activations.find(({ name }) => name === 'attn.hook_pattern');
    expect(pattern).toMatchObject({ shape: 'HTS', perBlock: true, onRequest: false });
  });
});

describe('a source that is no model is refused in one sentence', () => {
  it('a directory that is not there', async () => {
    await expectError(load('./nowhere'), 'io', /\.\/nowhere/);
    await expectError(load(new URL('file:///nowhere/')), 'io', /nowhere/);
  });
  it('a directory without a model', async () => {
    await expectError(load(path.join(root, 'core')), 'bad-source', /config\.json/);
  });
  it('files or bytes without one that is needed', async () => {
    const { 'config.json': config } = plainFiles();
    await expectError(load({ 'config.json': config! }), 'bad-source', /model\.safetensors/);
    await expectError(load([new File(['{}'], 'readme.md')]), 'bad-source', /config\.json/);
    const half = storiesFiles();
    delete half['merges.txt'];
    await expectError(load(half), 'bad-source', /merges\.txt/);
    await expectError(load({ 'config.json': 5 as never }), 'bad-source', /config\.json/);
  });
  it('what is no source at all', async () => {
    await expectError(load(42 as never), 'bad-source');
    await expectError(load(null as never), 'bad-source');
    await expectError(load([]), 'bad-source');
    await expectError(load('two words'), 'bad-source', /two words/);
  });
});

describe('options outside their range are refused by name', () => {
  it.each([
    ['dtype', 'q3'],
    ['threads', 0],
    ['worker', 'yes'],
  ])('%s: %s', async (option, value) => {
    await expectError(
      load(plainFiles(), { [option]: value } as never),
      'bad-option',
      new RegExp(`${option}.*${value}`),
    );
  });
  it('worker: true where there are none', async () => {
    await expectError(load(plainFiles(), { worker: true }), 'unsupported', /Workers/);
  });
  it('wasm that is none', async () => {
    await expectError(load(plainFiles(), { wasm: new Uint8Array(9) }), 'unsupported', /wasm/);
  });
});

describe('the module is found', () => {
  const file = path.join(root, 'dist/glassformer.wasm');
  it.each([
    ['as bytes', readFileSync(file)],
    ['as an address', pathToFileURL(file)],
    ['as a path from the working directory', path.relative(process.cwd(), file)],
    ['already compiled', new WebAssembly.Module(readFileSync(file))],
  ])('%s', async (_, wasm) => {
    await using model = await load(plainFiles(), { wasm: wasm as Uint8Array });
    expect(model.info.parameters).toBeGreaterThan(0);
  });
  it('over HTTP, whatever type the server says it has', async () => {
    for (const type of ['application/wasm', 'application/octet-stream']) {
      await using server = await serveFiles({
        '/g.wasm': (_, response) =>
          response.writeHead(200, { 'content-type': type }).end(readFileSync(file)),
      });
      await using model = await load(plainFiles(), { wasm: `${server.url}/g.wasm` });
      expect(model.info.parameters).toBeGreaterThan(0);
    }
    await using empty = await serveFiles({});
    await expectError(
      load(plainFiles(), { wasm: `${empty.url}/g.wasm` }),
      'network',
      /g\.wasm answered 404/,
    );
  });
});
