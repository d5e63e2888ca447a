// npm run weights: a file's way from a Hub that misbehaves to its place.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  MODEL,
  arrived,
  fetchKnown,
  files,
  folder,
  hub,
  inFolder,
  known,
  lines,
  whole,
} from './weights_fixture.mjs';
import { sha256 } from './weights_hub.mjs';

describe('a download', () => {
  test('brings every file of the manifest, at its revision, and leaves nothing else', async () => {
    expect(await fetchKnown()).toMatch(/known is complete: 4 files, 400\.\d kB$/);
    expect(await inFolder()).toEqual(whole);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
    expect(hub.requests[0].url).toBe('/owner/known/resolve/abc123/config.json');
  });

  test('asks the network nothing the second time', async () => {
    await fetchKnown();
    const before = hub.requests.length;
    await fetchKnown();
    expect(hub.requests.length).toBe(before);
  });

  test('brings back only the file whose size is wrong', async () => {
    await fetchKnown();
    await writeFile(join(folder, 'known', MODEL), 'short');
    hub.requests.length = 0;
    await fetchKnown();
    expect(hub.requests.map((r) => r.url.split('/').at(-1))).toEqual([MODEL]);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('brings everything again with --force', async () => {
    await fetchKnown();
    hub.requests.length = 0;
    await fetchKnown({ force: true });
    expect(hub.requests.length).toBe(4);
  });

  test('follows redirects', async () => {
    hub.behaviour[MODEL] = { redirect: true };
    await fetchKnown();
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('reports bytes and completion', async () => {
    await fetchKnown();
    expect(lines).toContain('model.safetensors: 400.1 kB, complete');
  });
});

describe('a broken connection', () => {
  test('is continued from the byte where it broke', async () => {
    hub.behaviour[MODEL] = [{ breakAfter: 150_000 }];
    await fetchKnown();
    expect(hub.ranges(MODEL)).toEqual(['whole', 'bytes=150000-']);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
    expect(lines).toContain('going on from 150.0 kB');
  });

  test('may happen more often than the retries, as long as each attempt brings something', async () => {
    hub.behaviour[MODEL] = Array(7).fill({ breakAfter: 50_000 });
    await fetchKnown({ retries: 1 });
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('is given up after so many attempts that bring nothing, and the part is kept', async () => {
    hub.behaviour[MODEL] = [{ breakAfter: 150_000 }, ...Array(3).fill({ breakAfter: 0 })];
    await expect(fetchKnown({ retries: 2 })).rejects.toThrow(
      /gave up, the same command goes on from here/,
    );
    expect(await inFolder()).toContain(`${MODEL}.part`);
    expect(await inFolder()).not.toContain(MODEL);

    hub.requests.length = 0;
    await fetchKnown();
    expect(hub.ranges(MODEL)).toEqual(['bytes=150000-']);
    expect(await inFolder()).toEqual(whole);
  });

  test('is started over where the server ignores ranges', async () => {
    hub.behaviour[MODEL] = [{ breakAfter: 150_000 }, { noRange: true }];
    await fetchKnown();
    expect(hub.ranges(MODEL)).toEqual(['whole', 'bytes=150000-']);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('is started over where the server gives no way to tell versions apart', async () => {
    const manifest = known({ [MODEL]: { sha256: null } });
    hub.behaviour[MODEL] = [{ breakAfter: 150_000, etag: null }];
    await fetchKnown({}, manifest);
    expect(hub.ranges(MODEL)).toEqual(['whole', 'whole']);
  });

  test.each([
    ['says so itself', {}, ['whole', 'bytes=150000-']],
    ['does not heed If-Range', { ignoreIfRange: true }, ['whole', 'bytes=150000-', 'whole']],
  ])('is started over where the file has changed and the server %s', async (_, odd, ranges) => {
    const manifest = known({ [MODEL]: { sha256: null } });
    const body = Buffer.from(files[MODEL]).fill(7, 1000);
    hub.behaviour[MODEL] = [{ breakAfter: 150_000 }, { body, ...odd }, { body }];
    await fetchKnown({}, manifest);
    expect(hub.ranges(MODEL)).toEqual(ranges);
    expect((await arrived(MODEL)).equals(body)).toBe(true);
  });

  test('counts silence as one', async () => {
    hub.behaviour[MODEL] = [{ stallAfter: 100_000 }];
    await fetchKnown();
    expect(lines).toContain('nothing arrived for 0.4 s; trying again');
    expect(hub.ranges(MODEL)).toEqual(['whole', 'bytes=100000-']);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('of a server that ends early every time is an error, not a file', async () => {
    hub.behaviour[MODEL] = { body: Buffer.alloc(0), declare: files[MODEL].length, breakAfter: 0 };
    await expect(fetchKnown({ retries: 1 })).rejects.toThrow(/gave up/);
    expect(await inFolder()).not.toContain(MODEL);
  });

  test('needs no second look where the part was already whole', async () => {
    await mkdir(join(folder, 'known'));
    await writeFile(join(folder, 'known', `${MODEL}.part`), files[MODEL]);
    await writeFile(join(folder, 'known', `${MODEL}.part.json`), '{"etag":null}');
    await fetchKnown();
    expect(hub.ranges(MODEL)).toEqual([]);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });

  test('that left a spoilt part behind is settled by a fresh copy', async () => {
    await mkdir(join(folder, 'known'));
    await writeFile(join(folder, 'known', `${MODEL}.part`), Buffer.alloc(5000));
    await writeFile(join(folder, 'known', `${MODEL}.part.json`), '{"etag":null}');
    await fetchKnown();
    expect(hub.ranges(MODEL)).toEqual(['bytes=5000-', 'whole']);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
  });
});

describe('a refusing or busy server', () => {
  test.each([401, 404])('HTTP %i names the URL and is not retried', async (status) => {
    hub.behaviour['config.json'] = { status };
    const url = `${hub.url}/owner/known/resolve/abc123/config.json`;
    await expect(fetchKnown()).rejects.toThrow(`${url}: HTTP ${status}`);
    expect(hub.requests.length).toBe(1);
  });

  test.each([429, 503])('HTTP %i is tried again', async (status) => {
    hub.behaviour['config.json'] = [{ status }, { status }];
    await fetchKnown();
    expect(await inFolder()).toEqual(whole);
  });

  test('that nobody runs is an error that names it', async () => {
    await hub.stop();
    await expect(fetchKnown({ retries: 1 })).rejects.toThrow(/127\.0\.0\.1:\d+.*ECONNREFUSED/);
  });
});

describe('a wrong file', () => {
  test('is refused before its body where its length is not the manifest’s', async () => {
    hub.files[MODEL] = files[MODEL].subarray(0, 200_000);
    await expect(fetchKnown()).rejects.toThrow(/has 200000 bytes there, not 4\d+/);
    expect(await inFolder()).not.toContain(`${MODEL}.part`);
  });

  test('is discarded where its hash is not the manifest’s', async () => {
    const wrong = known({ [MODEL]: { sha256: 'ab'.repeat(32) } });
    await expect(fetchKnown({}, wrong)).rejects.toThrow(
      `${MODEL}: its SHA-256 is ${sha256(files[MODEL])}, not ${'ab'.repeat(32)}`,
    );
    expect(await inFolder()).toEqual(['config.json', 'merges.txt', 'vocab.json']);
  });

  test('is refused before its body where the Hub announces another hash', async () => {
    hub.behaviour[MODEL] = { redirect: true, linkedHash: 'cd'.repeat(32) };
    await expect(fetchKnown()).rejects.toThrow(`has the SHA-256 ${'cd'.repeat(32)} there`);
    expect(await inFolder()).not.toContain(`${MODEL}.part`);
  });

  test('is found by the hash that the Hub states where the manifest has none', async () => {
    const manifest = known({ [MODEL]: { bytes: null, sha256: null } });
    hub.behaviour[MODEL] = { redirect: true, linkedHash: 'cd'.repeat(32) };
    await expect(fetchKnown({}, manifest)).rejects.toThrow(`not ${'cd'.repeat(32)}`);
  });

  test('is found by its structure where nothing else is known', async () => {
    const manifest = known({ [MODEL]: { bytes: null, sha256: null } });
    hub.files[MODEL] = Buffer.from('<!DOCTYPE html><title>Sign in to this network</title>');
    await expect(fetchKnown({}, manifest)).rejects.toThrow(/not safetensors.*it is a web page/);
    hub.files[MODEL] = files[MODEL].subarray(0, 300_000);
    await expect(fetchKnown({}, manifest)).rejects.toThrow(/speaks of 4\d+ bytes.*has 300000/);
    hub.files[MODEL] = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n');
    await expect(fetchKnown({}, manifest)).rejects.toThrow(/Git LFS pointer/);
    expect(await inFolder()).not.toContain(MODEL);
  });
});
