import { load, type LoadOptions } from 'glassformer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { MemoryCacheStorage } from './support/memory_cache.ts';
import { greedy, storiesFiles } from './support/models.ts';
import { RangeHost } from './support/range_host.ts';
import { below, serveFiles, type TestServer } from './support/server.ts';

const part = 4 << 20;
const noise = 6_000_000;
const version = 'x-glassformer-version';
const folder = '/me/tiny/resolve/main';
const stories = storiesFiles();
const weights = withNoise(stories['model.safetensors']!, noise);

/** The same model in a longer file: old files store masks, which nobody reads. */
function withNoise(file: Uint8Array, numbers: number): Uint8Array {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const end = file.length - 8 - length;
  header['h.0.attn.bias'] = { dtype: 'U8', shape: [numbers], data_offsets: [end, end + numbers] };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const longer = new Uint8Array(8 + json.length + end + numbers);
  new DataView(longer.buffer).setBigUint64(0, BigInt(json.length), true);
  longer.set(json, 8);
  longer.set(file.subarray(8 + length), 8 + json.length);
  for (let i = 8 + json.length + end; i < longer.length; i += 1) longer[i] = (i * i) >>> 7;
  return longer;
}

let storage: MemoryCacheStorage;
let server: TestServer;
let host: RangeHost;
let address: string;
beforeEach(async () => {
  storage = new MemoryCacheStorage();
  vi.stubGlobal('caches', storage);
  host = new RangeHost(weights);
  server = await serveFiles(below(folder, { ...stories, 'model.safetensors': host.answer }));
  address = `${server.url}${folder}/model.safetensors`;
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await server[Symbol.asyncDispose]();
});

const loadIt = (options: LoadOptions = {}) => load('me/tiny', { hub: server.url, ...options });

/** The parts that are kept, by number; and `whole`. */
const kept = () =>
  [...storage.entries.keys()]
    .filter((key) => key.startsWith(address))
    .map((key) => (key === address ? 'whole' : Number(key.split('glassformer-part=')[1])));
const partAddress = (index: number) => `${address}?glassformer-part=${index}`;

/** Loads the model, checks that it is the right one, and that it needs no server the next time. */
async function expectWhole() {
  for (let time = 0; time < 2; time += 1) {
    const before = host.asked.length;
    await using model = await loadIt();
    const { value } = await model.generate(greedy.prompt, { temperature: 0 }).next();
    expect(value!.id).toBe(greedy.greedy_24[0]);
    if (time === 1) expect(host.asked).toHaveLength(before);
  }
  expect(kept().sort()).toEqual([0, 1, 2, 'whole']);
  expect(Buffer.compare(storage.contentOf(address), weights)).toBe(0);
}

/** Hangs up once an answer has sent so many bytes, and so many parts are kept. */
async function breakOff(bytes = 9_000_000, parts = 2) {
  host.stallAfter = bytes;
  const before = host.asked.length;
  const failure = expectError(loadIt(), 'network', /broke off after/);
  await vi.waitFor(() => {
    expect(host.asked).toHaveLength(before + 1);
    expect(kept()).toHaveLength(parts);
  }, 20_000);
  host.stallAfter = Infinity;
  host.hangUp();
  await failure;
}

describe('a download that broke off', () => {
  it('goes on after the parts that had come whole', async () => {
    await breakOff();
    expect(kept()).toEqual([0, 1]);
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`]);
  });

  it('goes on as often as it breaks', async () => {
    await breakOff(5_000_000, 1);
    await breakOff(5_000_000, 2);
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${part}-`, `bytes=${2 * part}-`]);
  });

  it('begins anew where not even a part had come', async () => {
    await breakOff(3_000_000, 0);
    expect(kept()).toEqual([]);
    await expectWhole();
    expect(host.asked).toEqual([null, null]);
  });

  it('goes on where it was aborted', async () => {
    host.stallAfter = 9_000_000;
    const controller = new AbortController();
    const loading = loadIt({
      signal: controller.signal,
      onProgress: (event) => {
        if (event.status === 'progress' && event.loaded > 8_900_000) controller.abort();
      },
    });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    host.stallAfter = Infinity;
    await vi.waitFor(() => expect(kept()).toEqual([0, 1]));
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${2 * part}-`);
  });

  it('says from the start how much is there already', async () => {
    await breakOff();
    const loaded: number[] = [];
    const model = await loadIt({
      onProgress: (event) => {
        if (event.status !== 'progress' || event.file !== 'model.safetensors') return;
        loaded.push(event.loaded);
        expect(event.total).toBe(weights.length);
      },
    });
    await model.dispose();
    expect(loaded[0]).toBe(2 * part);
    expect(loaded.at(-1)).toBe(weights.length);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  });

  it('goes on through a fetch of the caller', async () => {
    await breakOff();
    const asked: string[] = [];
    const model = await loadIt({
      fetch: (to, init) => {
        const range = new Headers(init?.headers).get('range');
        if (range) asked.push(`${to} ${range}`);
        return fetch(to, init);
      },
    });
    await model.dispose();
    expect(asked).toEqual([`${address} bytes=${2 * part}-`]);
  });

  it('goes on from a server that tells versions by their date alone', async () => {
    host.headers = { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
    await breakOff();
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${2 * part}-`);
  });

  it('goes on where the range that was sent cannot be read', async () => {
    await breakOff();
    host.answerRange = () => ({ status: 206, headers: {} });
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${2 * part}-`);
  });
});

describe('a download begins anew', () => {
  it('where the file is another now', async () => {
    await breakOff();
    storage.entries.get(partAddress(0))!.content.fill(1);
    host.headers = { etag: '"two"' };
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`, null]);
  });

  it('where it is of another length now', async () => {
    const longer = new Uint8Array(weights.length + 8);
    longer.set(weights);
    host.content = longer;
    await breakOff();
    host.content = weights;
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`, null]);
  });

  const ranges: [string, (begin: number) => { status: number; headers: Record<string, string> }][] =
    [
      ['has no ranges', () => ({ status: 200, headers: {} })],
      ['finds no such range', () => ({ status: 416, headers: {} })],
      ['fails at ranges', () => ({ status: 500, headers: {} })],
      [
        'sends another range',
        () => ({ status: 206, headers: { 'content-range': `bytes 0-9/${weights.length}` } }),
      ],
      ['compresses the rest', () => ({ status: 206, headers: { 'content-encoding': 'br' } })],
    ];
  it.each(ranges)('where the server %s', async (_, answerRange) => {
    await breakOff();
    host.answerRange = answerRange;
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`, null]);
  });

  it('where asking for a range is refused', async () => {
    await breakOff();
    const model = await loadIt({
      fetch: (to, init) =>
        new Headers(init?.headers).has('range')
          ? Promise.reject(new TypeError('Failed to fetch'))
          : fetch(to, init),
    });
    await model.dispose();
    expect(kept().sort()).toEqual([0, 1, 2, 'whole']);
  });

  it.each([
    ['does not say which version it is', {}],
    ['says it not to the byte', { etag: 'W/"one"' }],
    ['says it at too great length', { etag: `"${'x'.repeat(5000)}"` }],
  ])('where the server %s, and nothing is kept of it', async (_, headers) => {
    host.headers = headers;
    await breakOff();
    expect(kept()).toEqual([]);
    await expectWhole();
    expect(host.asked).toEqual([null, null]);
  });

  it('where the rest cannot be read without its beginning', async () => {
    await breakOff();
    const model = await loadIt({
      fetch: async (to, init) => {
        const response = await fetch(to, init);
        if (response.status !== 206) return response;
        // As if it were compressed, which hosts may hide from pages.
        const unreadable = new ReadableStream({ start: (body) => body.error(new TypeError()) });
        return new Response(unreadable, response);
      },
    });
    await model.dispose();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`, null]);
    expect(Buffer.compare(storage.contentOf(address), weights)).toBe(0);
  });

  it('but not where it breaks once more', async () => {
    await breakOff();
    await breakOff(1000);
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${2 * part}-`);
  });

  it('but keeps what there is while the server cannot be reached', async () => {
    await breakOff();
    const fetch = () => Promise.reject(new TypeError('Failed to fetch'));
    await expectError(loadIt({ fetch }), 'network', /could not be reached/);
    expect(kept()).toEqual([0, 1]);
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`]);
  });
});

describe('what is kept', () => {
  it('is deleted where the content proves bad, parts and all', async () => {
    const damaged = weights.slice();
    damaged.fill(0xff, weights.length - noise - 2, weights.length - noise); // not a number
    host.content = damaged;
    await breakOff(5_000_000, 1);
    expect(kept()).toEqual([0]);
    await expectError(loadIt(), 'bad-weights');
    expect(kept()).toEqual([]);
    host.content = weights;
    await expectWhole();
  });

  const damages: [string, () => void][] = [
    ['missing', () => void storage.entries.delete(partAddress(1))],
    [
      'too short',
      () => {
        const entry = storage.entries.get(partAddress(1))!;
        entry.content = entry.content.subarray(0, 1000);
      },
    ],
    [
      'of another version',
      () => storage.entries.get(partAddress(1))!.headers.set(version, '9 "x"'),
    ],
  ];
  it.each(damages)('ends where a part is %s', async (_, damage) => {
    await breakOff(13_000_000, 3);
    expect(kept()).toEqual([0, 1, 2]);
    damage();
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${part}-`);
  });

  it.each(damages)('is mended where a part of a whole file is %s', async (_, damage) => {
    await expectWhole();
    damage();
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${part}-`]);
  });

  it('is not taken for whole where only the confirmation is missing', async () => {
    await expectWhole();
    storage.entries.delete(address);
    await expectWhole();
    expect(host.asked).toEqual([null, `bytes=${3 * part}-`]);
  });

  it('is read where it was kept in one entry, as it was before', async () => {
    const headers = new Headers({ 'content-length': String(weights.length) });
    storage.entries.set(address, { content: weights, headers });
    await using model = await loadIt();
    expect(model.info.parameters).toBeGreaterThan(0);
    expect(host.asked).toEqual([]);
    expect(kept()).toEqual(['whole']);
  });

  it('is nothing where the disk is full, and the model loads all the same', async () => {
    storage.quota = 9_000_000;
    await using model = await loadIt();
    expect(model.info.parameters).toBeGreaterThan(0);
    expect(kept()).toEqual([]);
  });

  it('is what came before where the disk is slow, and the model loads all the same', async () => {
    await breakOff(5_000_000, 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    storage.disk = new Promise(() => {});
    const loading = loadIt();
    let isLoaded = false;
    void loading.finally(() => (isLoaded = true));
    while (!isLoaded) {
      await vi.advanceTimersByTimeAsync(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await (await loading).dispose();
    expect(kept()).toEqual([0]);
  });

  it('is nothing where it was forgotten while it came', async () => {
    let isForgotten = false;
    const model = await loadIt({
      onProgress: (event) => {
        if (event.status !== 'progress' || event.loaded < 9_000_000 || isForgotten) return;
        isForgotten = true;
        for (const key of storage.entries.keys()) storage.entries.delete(key);
      },
    });
    await model.dispose();
    expect(isForgotten).toBe(true);
    expect(kept()).toEqual([]);
  });
});

describe('two downloads of one file at once', () => {
  it('leave one whole file', async () => {
    await breakOff();
    const both = await Promise.all([loadIt(), loadIt()]);
    for (const model of both) await model.dispose();
    expect(host.asked).toEqual([null, `bytes=${2 * part}-`, `bytes=${2 * part}-`]);
    await expectWhole();
  });

  it('of which one is of a newer version never leave a mixture', async () => {
    await breakOff(5_000_000, 1);
    host.stallAfter = 5_000_000;
    const controller = new AbortController();
    const stalled = loadIt({ signal: controller.signal }).catch(() => {});
    await vi.waitFor(() => expect(kept()).toEqual([0, 1]));
    host.stallAfter = Infinity;
    host.headers = { etag: '"two"' };
    await (await loadIt()).dispose();
    expect(kept().sort()).toEqual([0, 1, 2, 'whole']);
    // As if the older one had put its next part only now.
    storage.entries.get(partAddress(2))!.headers.set(version, `${weights.length} "one"`);
    controller.abort();
    await stalled;
    await expectWhole();
    expect(host.asked.at(-1)).toBe(`bytes=${2 * part}-`);
  });
});
