import { load, type ProgressEvent } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { plainFiles, storiesFiles } from './support/models.ts';
import { hangUpAfter, serveFiles, below, type Answer } from './support/server.ts';

const plain = plainFiles();
const weights = plain['model.safetensors']!;
const serve = (changed: Record<string, Uint8Array | Answer> = {}) =>
  serveFiles(below('', { ...plain, ...changed }));

describe('progress', () => {
  it("has transformers.js's shape, and each file its own sequence", async () => {
    await using server = await serveFiles(below('', storiesFiles()));
    const events: ProgressEvent[] = [];
    await using model = await load(server.url, { onProgress: (event) => events.push(event) });
    expect(model.tokenizer.available).toBe(true);
    for (const [file, { length }] of Object.entries(storiesFiles())) {
      const own = events.filter((event) => 'file' in event && event.file === file);
      const statuses = own.map(({ status }) => status);
      expect(statuses.filter((status, i) => status !== statuses[i - 1])).toEqual([
        ...['initiate', 'download', 'progress', 'done'],
      ]);
      expect(own.at(-2)).toEqual({
        ...{ status: 'progress', name: server.url, file },
        ...{ progress: 100, loaded: length, total: length },
      });
    }
    expect(events.at(-1)).toEqual({ status: 'ready', name: server.url });
    expect(events.filter(({ status }) => status === 'ready')).toHaveLength(1);
  });

  it('only ever grows', async () => {
    await using server = await serveFiles(below('', storiesFiles()));
    const loaded: number[] = [];
    await using model = await load(server.url, {
      onProgress: (event) => {
        if (event.status === 'progress' && event.file === 'model.safetensors') {
          loaded.push(event.loaded);
          expect(event.progress).toBeCloseTo((100 * event.loaded) / event.total, 9);
        }
      },
    });
    expect(model.info.bytes).toBeGreaterThan(7e6);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  });

  it('has no total where the server does not say', async () => {
    await using server = await serve({
      'model.safetensors': (_, response) => {
        response.write(weights.subarray(0, 5000));
        setTimeout(() => response.end(weights.subarray(5000)), 150);
      },
    });
    const events: ProgressEvent[] = [];
    await using model = await load(server.url, { onProgress: (event) => events.push(event) });
    expect(model.info.parameters).toBeGreaterThan(0);
    const first = events.find(
      (event) => event.status === 'progress' && event.file === 'model.safetensors',
    );
    expect(first).toMatchObject({ total: 0, progress: 0 });
  });
});

describe('a download that fails says where and how', () => {
  it('nobody answers', async () => {
    const server = await serveFiles({});
    const { url } = server;
    await server[Symbol.asyncDispose]();
    await expectError(
      load(url),
      'network',
      new RegExp(`^${url}/config\\.json could not be reached`),
    );
  });

  it.each([404, 500, 403])('the server answers %i', async (status) => {
    await using server = await serve({
      'model.safetensors': (_, response) => response.writeHead(status).end(),
    });
    await expectError(load(server.url), 'network', new RegExp(`safetensors answered ${status}`));
  });

  it('the server answers with a web page', async () => {
    await using server = await serveFiles({
      '/config.json': (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
    });
    await expectError(load(server.url), 'network', /config\.json answered with a web page/);
  });

  it.each([0, 5, 4000, weights.length - 1])(
    'the connection breaks after %i bytes',
    async (bytes) => {
      await using server = await serve({ 'model.safetensors': hangUpAfter(weights, bytes) });
      await expectError(load(server.url), 'network', /safetensors/);
    },
  );

  it('the connection breaks in a small file', async () => {
    await using server = await serve({ 'config.json': hangUpAfter(plain['config.json']!, 10) });
    await expectError(load(server.url), 'network', /config\.json/);
  });

  it('the file ends early and claims to be whole', async () => {
    await using server = await serve({ 'model.safetensors': weights.slice(0, -100) });
    await expectError(load(server.url), 'bad-weights');
  });
});

describe('optional files', () => {
  it('may be missing however a static host says so', async () => {
    for (const answer of [
      (_: unknown, response) => response.writeHead(403).end(),
      (_: unknown, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
    ] satisfies Answer[]) {
      await using server = await serve({ 'vocab.json': answer, 'tokenizer.json': answer });
      await using model = await load(server.url);
      expect(model.tokenizer.available).toBe(false);
    }
  });

  it('are not missing where the server fails', async () => {
    await using server = await serve({
      'vocab.json': (_, response) => response.writeHead(500).end(),
    });
    await expectError(load(server.url), 'network', /vocab\.json answered 500/);
  });
});

describe('a file that arrives compressed', () => {
  it('is read to its end although its length says less', async () => {
    const { gzipSync } = await import('node:zlib');
    const packed = gzipSync(weights);
    await using server = await serve({
      'model.safetensors': (_, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length })
          .end(packed),
    });
    await using model = await load(server.url);
    expect(model.info.parameters).toBeGreaterThan(0);
  });
});
