/** The public types of loading: sources, options, progress. */

/** Progress of a download, in the shape of transformers.js. `progress` is a percentage. */
export type ProgressEvent =
  | { readonly status: 'initiate'; readonly name: string; readonly file: string }
  | { readonly status: 'download'; readonly name: string; readonly file: string }
  | {
      readonly status: 'progress';
      readonly name: string;
      readonly file: string;
      /** 0 to 100; 0 while `total` is not known. */
      readonly progress: number;
      /** Bytes. */
      readonly loaded: number;
      /** Bytes; 0 where the server does not say. */
      readonly total: number;
    }
  | { readonly status: 'done'; readonly name: string; readonly file: string }
  | { readonly status: 'ready'; readonly name: string };

/** Model files by name: `config.json`, `model.safetensors`, `vocab.json` + `merges.txt` or `tokenizer.json`. */
export type FilesByName = Readonly<Record<string, Uint8Array | ArrayBuffer | Blob | string>>;

/**
 * Where a model comes from:
 * - a string: a Hub id (`'openai-community/gpt2'`), an address of a folder (absolute, or relative
 *   with a leading `/`, `./` or `../`), or in Node a path of a directory;
 * - a `URL` of a folder (in Node also `file:`);
 * - files that a person picked or dropped; folders in their names do not matter;
 * - bytes by file name.
 */
export type ModelSource = string | URL | readonly File[] | FileList | FilesByName;

/** How weights are held in memory. */
export type WeightDtype = 'f32' | 'q8';

export type WantedDtype = 'auto' | WeightDtype;

export interface LoadOptions {
  /**
   * How to hold the weights. `'q8'`: as 8-bit integers with a scale for each 64, made while the file
   * streams in, in about a quarter of the memory and faster, but not exact. `'auto'` (default): as
   * the file has them, q8 from a q8 file and f32 from any other.
   */
  dtype?: WantedDtype;
  /**
   * How many threads compute. More than one needs shared memory, which browsers give to pages that
   * are cross-origin isolated, and Node always; elsewhere the model computes in one, as
   * `model.info.threads` then says. Never more than there are cores. `'auto'` (default): all, up
   * to 8. The numbers do not depend on it.
   */
  threads?: 'auto' | number;
  /**
   * Whether the model runs in a worker. `'auto'` (default): in browsers in a worker, unless the
   * page's policy forbids one; in Node in the calling thread. `true` fails where there are none.
   */
  worker?: 'auto' | boolean;
  /** Stops loading, downloads included. */
  signal?: AbortSignal;
  onProgress?: (event: ProgressEvent) => void;
  /** Used in place of the global fetch for every model file; called on the calling thread. */
  fetch?: (address: string, init?: RequestInit) => Promise<Response>;
  /**
   * The address or the bytes of one of the package's wasm files, or the compiled module. Absent: the
   * best that this browser runs, from beside the package's script.
   */
  wasm?: string | URL | ArrayBuffer | Uint8Array | WebAssembly.Module;
  /** Base address of the Hub that ids refer to. Default `https://huggingface.co`. */
  hub?: string | URL;
  /** Branch, tag or commit on the Hub. Default `'main'`. */
  revision?: string;
  /**
   * Whether to keep downloads in Cache Storage and to read them from there; one that was stopped or
   * broke off goes on where it was. Default: only what comes from the Hub. No effect where there is
   * no Cache Storage.
   */
  cache?: boolean;
}
