// The package in Node and Deno: models are read from directories too.
import { open, readFile, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import path from 'node:path';
import os from 'node:os';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { GlassformerError } from './errors.ts';
import type { ModelFiles, OpenFile } from './files.ts';
import { platform } from './platform.ts';

export * from './index.ts';

const chunkBytes = 1 << 20;

platform.base = pathToFileURL(`${process.cwd()}/`);

platform.readFile = async (address) => new Uint8Array(await readFile(address));

platform.cores = os.availableParallelism();

platform.startThread = (start) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./node_thread.js', import.meta.url), { workerData: start });
    // It waits for work, and must not keep the program alive.
    worker.unref();
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });

platform.openDirectory = async (place): Promise<ModelFiles | null> => {
  const directory = place instanceof URL ? fileURLToPath(place) : place;
  const status = await stat(directory).catch((cause) => {
    // Deno asks for permission first; "owner/name" is of the Hub where that is not given.
    if (cause.name === 'NotCapable' && !/^[\w-]/.test(directory)) {
      throw unreadable(directory, cause);
    }
    return null;
  });
  if (!status?.isDirectory()) return null;
  return { name: directory, open: (file) => openLocal(path.join(directory, file)) };
};

async function openLocal(file: string): Promise<OpenFile | null> {
  try {
    const { size } = await stat(file);
    const handle = await open(file);
    const nothing = async () => {};
    return {
      label: file,
      size,
      sizeIsExact: true,
      chunks: chunksOf(handle, file),
      verified: nothing,
      rejected: () => handle.close().catch(() => {}),
    };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, cause);
  }
}

async function* chunksOf(handle: Awaited<ReturnType<typeof open>>, file: string) {
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(chunkBytes));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw unreadable(file, cause);
  } finally {
    await handle.close();
  }
}

const unreadable = (file: string, cause: unknown) =>
  new GlassformerError('io', `${file} could not be read: ${(cause as Error).message}`, { cause });
