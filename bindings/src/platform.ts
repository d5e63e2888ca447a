import type { ModelFiles } from './files.ts';

/** What Node can do and a browser cannot; node.ts fills it in. */
export interface Platform {
  /** What relative addresses are relative to: the working directory. */
  base?: URL;
  /** The files of a directory, or null where there is none at that path. */
  openDirectory?: (path: string | URL) => Promise<ModelFiles | null>;
  /** The bytes of a local file. */
  readFile?: (address: URL) => Promise<Uint8Array<ArrayBuffer>>;
}

export const platform: Platform = {};
