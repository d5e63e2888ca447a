import { load } from 'glassformer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryCacheStorage } from './support/memory_cache.ts';
import { expectError } from './support/expect_error.ts';
import { greedy, storiesFiles } from './support/models.ts';
import { below, hangUpAfter, serveFiles, stallAfter } from './support/server.ts';

const folder = '/me/tiny/resolve/main';
const files = storiesFiles();
const weights = files['model.safetensors']!;
let storage: MemoryCacheStorage;

beforeEach(() => {
  storage = new MemoryCacheStorage();
  vi.stubGlobal('caches', storage);
});
afterEach(() => vi.unstubAllGlobals());

describe('downloads from the Hub', () => {
  it('are kept, and need no server the next time', async () => {
    const server = await serveFiles(below(folder, files));
    const hub = server.url;
    await (await load('me/tiny', { hub })).dispose();
    for (const [name, content] of Object.entries(files)) {
      expect(storage.entries.has(`${hub}${folder}/${name}`)).toBe(true);
      const kept = storage.contentOf(`${hub}${folder}/${name}`);
      expect(Buffer.compare(kept, content)).toBe(0);
    }
    await server[Symbol.asyncDispose]();

    await using model = await load('me/tiny', { hub });
    const { value } = await model.generate(greedy.prompt, { temperature: 0 }).next();
    expect(value!.id).toBe(greedy.greedy_24[0]);
  });

  it('are not kept with cache: false', async () => {
    await using server = await serveFiles(below(folder, files));
    await (await load('me/tiny', { hub: server.url, cache: false })).dispose();
    expect(storage.entries.size).toBe(0);
  });

  it('leave nothing half where the connection breaks', async () => {
    await using server = await serveFiles(
      below(folder, { ...files, 'model.safetensors': hangUpAfter(weights, 3_000_000) }),
    );
    await expectError(load('me/tiny', { hub: server.url }), 'network');
    await vi.waitFor(() => expect(server.requests).toContain(`${folder}/model.safetensors`));
    expect([...storage.entries.keys()].some((key) => key.includes('.safetensors'))).toBe(false);
  });

  it('leave nothing half where they are aborted', async () => {
    await using server = await serveFiles(
      below(folder, { ...files, 'model.safetensors': stallAfter(weights, 3_000_000) }),
    );
    const controller = new AbortController();
    const loading = load('me/tiny', {
      hub: server.url,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.status === 'progress' && event.loaded > 1_000_000) controller.abort();
      },
    });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect([...storage.entries.keys()].some((key) => key.includes('.safetensors'))).toBe(false);
  });

  it('are not kept where their content is bad', async () => {
    const damaged = weights.slice();
    new DataView(damaged.buffer).setFloat32(damaged.length - 4, NaN, true);
    await using server = await serveFiles(
      below(folder, { ...files, 'model.safetensors': damaged }),
    );
    await expectError(load('me/tiny', { hub: server.url }), 'bad-weights');
    expect([...storage.entries.keys()].some((key) => key.includes('.safetensors'))).toBe(false);
  });

  it.each([
    ['a configuration that is refused', { n_head: 7 }, 'bad-config'],
    ['a configuration that the tokenizer does not fit', { vocab_size: 100 }, 'bad-tokenizer'],
  ] as const)('keep no tokenizer of %s', async (_, wrong, code) => {
    const config = { ...JSON.parse(new TextDecoder().decode(files['config.json'])), ...wrong };
    const served = { ...files, 'config.json': Buffer.from(JSON.stringify(config)) };
    await using server = await serveFiles(below(folder, served));
    await expectError(load('me/tiny', { hub: server.url }), code);
    await vi.waitFor(() => expect(server.requests).toContain(`${folder}/merges.txt`));
    expect([...storage.entries.keys()].filter((key) => /vocab|merges/.test(key))).toEqual([]);
  });

  it('load all the same where the disk is full', async () => {
    storage.quota = 1_000_000;
    await using server = await serveFiles(below(folder, files));
    await using model = await load('me/tiny', { hub: server.url });
    expect(model.info.parameters).toBeGreaterThan(0);
    expect([...storage.entries.keys()].some((key) => key.includes('.safetensors'))).toBe(false);
  });

  it('load all the same where Cache Storage is forbidden', async () => {
    vi.stubGlobal('caches', {
      open: () => Promise.reject(new DOMException('No', 'SecurityError')),
    });
    await using server = await serveFiles(below(folder, files));
    await using model = await load('me/tiny', { hub: server.url });
    expect(model.info.parameters).toBeGreaterThan(0);
  });

  it('are fetched anew once what was kept has proved bad', async () => {
    await using server = await serveFiles(below(folder, files));
    storage.entries.set(`${server.url}${folder}/config.json`, {
      content: new TextEncoder().encode('{'),
      headers: new Headers(),
    });
    await expectError(load('me/tiny', { hub: server.url }), 'bad-config');
    await using model = await load('me/tiny', { hub: server.url });
    expect(model.config.n_layer).toBe(6);
  });
});

describe('downloads from elsewhere', () => {
  it('are kept only on request', async () => {
    await using server = await serveFiles(below('', files));
    await (await load(server.url)).dispose();
    expect(storage.entries.size).toBe(0);
    await (await load(server.url, { cache: true })).dispose();
    for (const name of Object.keys(files)) {
      expect(storage.entries.has(`${server.url}/${name}`)).toBe(true);
    }
  });
});
