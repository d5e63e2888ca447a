// What the tests of npm run weights share: a Hub, a folder, and a manifest that knows the files.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { fetchModel } from '../../tools/weights/fetch_model.mjs';
import { Progress } from '../../tools/weights/progress.mjs';
import { checkpoint, sha256, startHub } from './weights_hub.mjs';

export const MODEL = 'model.safetensors';

export let files;
export let hub;
export let folder;
export let lines;

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

export const known = (more = {}) => ({
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

export const fetchKnown = (more = {}, manifest = known()) =>
  fetchModel(manifest, folder, options(more));
export const inFolder = async (name = 'known') => (await readdir(join(folder, name))).sort();
export const arrived = (file, name = 'known') => readFile(join(folder, name, file));
export const whole = ['config.json', 'download.json', 'merges.txt', MODEL, 'vocab.json'];
