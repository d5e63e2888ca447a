import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../tools/serve.mjs';

describe('serve', () => {
  let folder;
  let server;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'glassformer-serve-'));
    writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(path.join(folder, 'module.wasm'), '0123456789');
    writeFileSync(path.join(folder, 'module.mjs'), 'export {};');
    writeFileSync(path.join(folder, 'model.safetensors'), new Uint8Array(100_000));
    server = await serve({ folder, port: 0 });
  });

  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const get = (name, options) => fetch(new URL(name, server.url), options);

  test('gives the page at its address', async () => {
    const response = await get('');
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).toContain('<title>page</title>');
  });

  test('gives modules and WebAssembly the types that browsers insist on', async () => {
    expect((await get('module.wasm')).headers.get('content-type')).toBe('application/wasm');
    expect((await get('module.mjs')).headers.get('content-type')).toMatch(/^text\/javascript/);
  });

  test('sends weights as they are, and says how large they are', async () => {
    const { headers } = await get('model.safetensors', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('content-length')).toBe('100000');
  });

  test('isolates the page, so that it may use threads', async () => {
    const { headers } = await get('');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  test('leaves the isolation out when asked, as most static hosts must', async () => {
    const plain = await serve({ folder, port: 0, isolated: false });
    const { headers } = await fetch(plain.url);
    await plain.close();
    expect(headers.get('cross-origin-embedder-policy')).toBeNull();
  });

  test('answers HEAD with the length and a range with that part', async () => {
    const head = await get('module.wasm', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('10');
    const range = await get('module.wasm', { headers: { Range: 'bytes=2-4' } });
    expect(range.status).toBe(206);
    expect(await range.text()).toBe('234');
  });

  test('answers 404 for what is not there and for what lies outside the folder', async () => {
    expect((await get('nothing.json')).status).toBe(404);
    expect((await get('%2e%2e/%2e%2e/etc/passwd')).status).toBe(404);
  });

  test('takes the next port where the wanted one is in use', async () => {
    const busy = createServer();
    await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const wanted = busy.address().port;
    const other = await serve({ folder, port: wanted });
    expect(Number(new URL(other.url).port)).toBeGreaterThan(wanted);
    await other.close();
    await new Promise((resolve) => busy.close(resolve));
  });

  test('refuses a port that is none, and a folder without a page, in one sentence', async () => {
    await expect(serve({ folder, port: '80a' })).rejects.toThrow('not "80a"');
    await expect(serve({ folder: path.join(folder, 'none') })).rejects.toThrow('There is no page');
  });
});
