// npm run weights as a program, and the manifest that it reads.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MODEL, files, folder, hub } from './weights_fixture.mjs';
import { sha256 } from './weights_hub.mjs';

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
