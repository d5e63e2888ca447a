// npm run weights: which files of which model, to where, from where.
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  MODEL,
  arrived,
  fetchKnown,
  files,
  folder,
  hub,
  inFolder,
  whole,
} from './weights_fixture.mjs';

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
