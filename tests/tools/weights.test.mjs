// npm run weights, against a Hub on this machine.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchModel } from '../../tools/weights/fetch_model.mjs';
import { Progress } from '../../tools/weights/progress.mjs';
import { checkpoint, sha256, startHub } from './weights_hub.mjs';

const MODEL = 'model.safetensors';

let files;
let hub;
let folder;
let lines;

beforeEach(async () => {
  files = checkpoint();
  hub = await startHub({ ...files });
  folder = await mkdtemp(join(tmpdir(), 'glassformer-weights-'));
  lines = '';
});

afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true });
});

const known = (more = {}) => ({
  embedded: [{ id: 'stories', path: 'stories' }],
  downloadable: [
    {
      id: 'owner/known',
      path: 'known',
      revision: 'abc123',
      files: Object.entries(files).map(([name, bytes]) => ({
        name,
        bytes: bytes.length,
        sha256: sha256(bytes),
        ...more[name],
      })),
    },
  ],
});

const options = (more = {}) => ({
  model: 'owner/known',
  hub: hub.url,
  force: false,
  retries: 3,
  stallMilliseconds: 400,
  firstWait: 1,
  signal: new AbortController().signal,
  progress: new Progress({ write: (text) => (lines += text) }),
  ...more,
});

const fetchKnown = (more = {}, manifest = known()) => fetchModel(manifest, folder, options(more));
const inFolder = async (name = 'known') => (await readdir(join(folder, name))).sort();
const arrived = (file, name = 'known') => readFile(join(folder, name, file));
const whole = ['config.json', 'download.json', 'merges.txt', MODEL, 'vocab.json'];

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
    hub = await startHub({});
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

describe('any other Hub id', () => {
  const other = (more = {}) => fetchKnown({ model: 'some-one/Tiny_GPT.2', ...more });

  test('has its files discovered: vocab.json and merges.txt, or tokenizer.json', async () => {
    await other();
    expect(await inFolder('Tiny_GPT.2')).toEqual(whole);
    hub.files['tokenizer.json'] = Buffer.from('{}');
    await other({ to: join(folder, 'fast') });
    const names = ['config.json', 'download.json', MODEL, 'tokenizer.json'];
    expect(await inFolder('fast')).toEqual(names);
  });

  test('needs no network the second time either', async () => {
    await other();
    const before = hub.requests.length;
    await other();
    expect(hub.requests.length).toBe(before);
  });

  test('is fetched at the revision asked for, and again where that changes', async () => {
    await other({ revision: 'v2' });
    expect(hub.requests.every((r) => r.url.includes('/resolve/v2/'))).toBe(true);
    hub.requests.length = 0;
    await other({ revision: 'v3' });
    expect(hub.ranges(MODEL)).toEqual(['whole']);
  });

  test('is refused where its weights are split into several files', async () => {
    delete hub.files[MODEL];
    hub.files['model.safetensors.index.json'] = Buffer.from('{}');
    await expect(other()).rejects.toThrow(/split into several files/);
  });

  test.each(['config.json', MODEL, 'merges.txt'])('is refused without %s', async (name) => {
    delete hub.files[name];
    await expect(other()).rejects.toThrow(/there is no/);
  });

  test.each(['../../etc', 'owner/..', 'a/b/c', '/etc/passwd', 'owner/.git', 'gpt9', 'a/b\\c', ''])(
    'that is none is refused: %j',
    async (model) => {
      await expect(fetchKnown({ model })).rejects.toThrow(/is no model name/);
      expect(hub.requests).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('cannot take the folder of a model of the manifest, or of another model', async () => {
    await expect(fetchKnown({ model: 'evil/stories' })).rejects.toThrow(/place of stories/);
    await expect(fetchKnown({ model: 'evil/known' })).rejects.toThrow(/place of owner\/known/);
    await other();
    await expect(fetchKnown({ model: 'else/Tiny_GPT.2' })).rejects.toThrow(
      /holds some-one\/Tiny_GPT\.2/,
    );
  });
});

describe('a full disk', () => {
  test('is seen before the first request', async () => {
    const readSpace = async () => ({ bavail: 10n, bsize: 1000n });
    await expect(fetchKnown({ readSpace })).rejects.toThrow(
      /the disk has 10\.0 kB free, and 400\.\d kB are needed/,
    );
    expect(hub.requests).toEqual([]);
  });

  test.skipIf(!existsSync('/dev/full'))('found out by writing is one sentence too', async () => {
    await mkdir(join(folder, 'known'));
    await symlink('/dev/full', join(folder, 'known', `${MODEL}.part`));
    await expect(fetchKnown()).rejects.toThrow(/the disk is full; free some space/);
  });
});

describe('--from', () => {
  let source;
  beforeEach(async () => {
    source = join(folder, 'source');
    await mkdir(source);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(source, name), bytes);
  });

  test('copies local files with the same checks, without the network', async () => {
    await fetchKnown({ from: source });
    expect(await inFolder()).toEqual(whole);
    expect((await arrived(MODEL)).equals(files[MODEL])).toBe(true);
    expect(hub.requests).toEqual([]);
  });

  test('refuses a file whose size or hash is wrong, and keeps nothing of it', async () => {
    const spoilt = Buffer.from(files[MODEL]);
    spoilt[300_000] ^= 1;
    await writeFile(join(source, MODEL), spoilt);
    await expect(fetchKnown({ from: source })).rejects.toThrow(/its SHA-256 is/);
    expect(await inFolder()).toEqual(['config.json', 'merges.txt', 'vocab.json']);
    await writeFile(join(source, MODEL), 'short');
    await expect(fetchKnown({ from: source })).rejects.toThrow(/5 bytes, not 4\d+/);
  });

  test('refuses a folder that is not there, or holds no checkpoint', async () => {
    await expect(fetchKnown({ from: join(folder, 'none') })).rejects.toThrow(/no such folder/);
    await rm(join(source, MODEL));
    await expect(fetchKnown({ from: source })).rejects.toThrow(/there is no model\.safetensors/);
  });

  test('refuses the folder that it would write to', async () => {
    await expect(fetchKnown({ from: source, to: source, force: true })).rejects.toThrow(
      /is the folder that the files should go to/,
    );
    expect((await readFile(join(source, MODEL))).equals(files[MODEL])).toBe(true);
  });
});

describe('the manifest', () => {
  const weights = join(import.meta.dirname, '..', '..', 'weights');
  const manifest = JSON.parse(readFileSync(join(weights, 'manifest.json'), 'utf8'));

  test('states the true sizes and hashes of the embedded files', () => {
    for (const { path, files: entries } of manifest.embedded) {
      for (const { name, ...stated } of entries) {
        const bytes = readFileSync(join(weights, path, name));
        expect({ name, ...stated }).toEqual({ name, bytes: bytes.length, sha256: sha256(bytes) });
      }
    }
  });

  test('gives each downloadable model a folder of its own, a commit, and checkable files', () => {
    const paths = [...manifest.embedded, ...manifest.downloadable].map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const { revision, files: entries } of manifest.downloadable) {
      expect(revision).toMatch(/^[0-9a-f]{40}$/);
      for (const entry of entries) {
        expect(entry.name).toMatch(/^[a-z]+\.(json|txt|safetensors)$/);
        expect(entry.sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
        expect(entry.bytes ?? 1).toBeGreaterThan(0);
      }
    }
  });
});

describe('the command', () => {
  const run = (...argv) => {
    const script = new URL('../../tools/weights.mjs', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, ...argv]);
    const result = { child, out: '', err: '' };
    child.stdout.on('data', (text) => (result.out += text));
    child.stderr.on('data', (text) => (result.err += text));
    result.exit = new Promise((done) => child.on('close', (code) => done(code)));
    return result;
  };

  test('goes on after Ctrl-C where it was', async () => {
    hub.behaviour[MODEL] = { slow: 20_000 };
    const to = join(folder, 'any');
    const argv = ['some/model', '--hub', hub.url, '--to', to];
    const first = run(...argv);
    const part = join(to, `${MODEL}.part`);
    const sizeOfPart = () =>
      readFile(part).then(
        (bytes) => bytes.length,
        () => 0,
      );
    while ((await sizeOfPart()) < 60_000) await new Promise((done) => setTimeout(done, 5));
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(130);
    expect(first.err).toContain('interrupted; the same command goes on from here');
    expect((await readdir(to)).sort()).toEqual([
      'config.json',
      'merges.txt',
      `${MODEL}.part`,
      `${MODEL}.part.json`,
      'vocab.json',
    ]);

    const kept = await sizeOfPart();
    hub.behaviour = {};
    const second = run(...argv);
    expect(await second.exit).toBe(0);
    expect(hub.ranges(MODEL)).toEqual(['whole', `bytes=${kept}-`]);
    expect((await readFile(join(to, MODEL))).equals(files[MODEL])).toBe(true);
  });

  test('refuses to download into one folder twice at a time', async () => {
    hub.behaviour[MODEL] = { slow: 5_000 };
    const argv = ['some/model', '--hub', hub.url, '--to', join(folder, 'any')];
    const first = run(...argv);
    while (hub.ranges(MODEL).length === 0) await new Promise((done) => setTimeout(done, 5));
    const second = run(...argv);
    expect(await second.exit).toBe(1);
    expect(second.err).toContain(`process ${first.child.pid} is already downloading`);
    first.child.kill('SIGINT');
    await first.exit;
  });

  test('exits 2 with a sentence on wrong usage, 1 on a bad name', async () => {
    for (const argv of [
      [],
      ['a/b', 'c/d'],
      ['--nonsense'],
      ['a/b', '--hub', 'ftp://x'],
      ['a/b', '--timeout', 'soon'],
      ['a/b', '--revision', '../..'],
    ]) {
      const wrong = run(...argv);
      expect(await wrong.exit).toBe(2);
      expect(wrong.err).toMatch(/^weights: [^\n]+\n$/);
    }
    const bad = run('../up');
    expect(await bad.exit).toBe(1);
    expect(bad.err).toMatch(/^weights: "\.\.\/up" is no model name[^\n]+\n$/);
  });

  test('lists the models, and prints help', async () => {
    const list = run('--list');
    expect(await list.exit).toBe(0);
    expect(list.out).toContain('stories: 3.5 M parameters, 7.1 MB, MIT, here: weights/stories');
    expect(list.out).toContain('openai-community/gpt2: 124.4 M parameters, 549.6 MB');
    const help = run('--help');
    expect(await help.exit).toBe(0);
    expect(help.out).toContain('usage: npm run weights');
  });
});
