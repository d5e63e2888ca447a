import type { ModelFiles } from './files.ts';
import type { ThreadStart } from './serve.ts';

/** A worker of either kind. */
export interface Thread {
  terminate(): unknown;
}

/** What Node can do and a browser cannot; node.ts fills it in. */
export interface Platform {
  /** What relative addresses are relative to: the working directory. */
  base?: URL;
  /** The files of a directory, or null where there is none at that path. */
  openDirectory?: (path: string | URL) => Promise<ModelFiles | null>;
  /** The bytes of a local file. */
  readFile?: (address: URL) => Promise<Uint8Array<ArrayBuffer>>;
  /** Where threads are not Web Workers; resolves once it computes. */
  startThread?: (start: ThreadStart) => Promise<Thread>;
  /** Where there is no navigator. */
  cores?: number;
}

export const platform: Platform = {};
