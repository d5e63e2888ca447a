// A model's files, wherever they are. Small files are read whole; the weights are read in chunks.
import { GlassformerError } from './errors.ts';
import type { FilesByName } from './types.ts';

/** A file that is being read, once, from its beginning. */
export interface OpenFile {
  /** What messages call it: an address, a path or a name. */
  readonly label: string;
  /** Bytes, or 0 where that is not known. */
  readonly size: number;
  /** False where a server merely claims it, perhaps of the compressed bytes. */
  readonly sizeIsExact: boolean;
  /** Bytes of the chunks that an earlier download left, where the others come from a server. */
  readonly kept?: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The content proved good: a copy in Cache Storage becomes valid. Never fails. */
  verified(): Promise<void>;
  /** The content is bad, of which nothing is kept, or was not read to its end. Never fails. */
  rejected(reason: unknown): Promise<void>;
}

export interface ModelFiles {
  /** For people: a Hub id, an address, a path, or "files". */
  readonly name: string;
  /**
   * Opens a file; null where there is none of that name. Where a file is not optional, this may
   * reject instead, with a better reason than its absence.
   */
  open(
    file: string,
    signal: AbortSignal,
    options?: { optional?: boolean },
  ): Promise<OpenFile | null>;
  /** What a worker can open by itself, in place of chunks sent to it. */
  portable?(file: string): PortableFile | null;
}

/** A file that can be named to another thread. */
export type PortableFile =
  | { readonly kind: 'remote'; readonly address: string; readonly cache: boolean }
  | { readonly kind: 'blob'; readonly label: string; readonly blob: Blob };

const chunkBytes = 1 << 20;
const nothing = async () => {};

export const openBlob = (label: string, blob: Blob): OpenFile => ({
  label,
  size: blob.size,
  sizeIsExact: true,
  chunks: blobChunks(label, blob),
  verified: nothing,
  rejected: nothing,
});

async function* blobChunks(label: string, blob: Blob) {
  for (let begin = 0; begin < blob.size; begin += chunkBytes) {
    try {
      yield new Uint8Array(await blob.slice(begin, begin + chunkBytes).arrayBuffer());
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new GlassformerError('io', `${label} could not be read: ${reason}`, { cause });
    }
  }
}

const openBytes = (label: string, bytes: Uint8Array): OpenFile => ({
  label,
  size: bytes.length,
  sizeIsExact: true,
  chunks: byteChunks(bytes),
  verified: nothing,
  rejected: nothing,
});

/** The same bytes in pieces that take little time each. */
export async function* byteChunks(bytes: Uint8Array) {
  for (let begin = 0; begin < bytes.length; begin += chunkBytes) {
    yield bytes.subarray(begin, begin + chunkBytes);
  }
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

const folders = (file: File) => (file.webkitRelativePath || file.name).split('/').length - 1;

/**
 * Files that a person picked or dropped, by the last part of their names; where folders hold more
 * than one of a name, the outermost.
 */
export function filesFromList(list: Iterable<File>): ModelFiles {
  const byName = new Map<string, File>();
  for (const file of Array.from(list).sort((a, b) => folders(a) - folders(b))) {
    if (!byName.has(baseName(file.name))) byName.set(baseName(file.name), file);
  }
  return {
    name: 'files',
    async open(name) {
      const file = byName.get(name);
      return file ? openBlob(name, file) : null;
    },
    portable(name) {
      const blob = byName.get(name);
      return blob ? { kind: 'blob', label: name, blob } : null;
    },
  };
}

export function filesFromBytes(files: FilesByName): ModelFiles {
  return {
    name: 'files',
    async open(name) {
      const content = Object.hasOwn(files, name) ? files[name] : undefined;
      if (content === undefined) return null;
      if (typeof content === 'string') return openBytes(name, new TextEncoder().encode(content));
      if (content instanceof Blob) return openBlob(name, content);
      if (content instanceof ArrayBuffer) return openBytes(name, new Uint8Array(content));
      if (content instanceof Uint8Array) return openBytes(name, content);
      throw new GlassformerError('bad-source', `${name} is not bytes, a Blob or a string`);
    },
  };
}

/** The whole content of a small file. */
export async function readAll(file: OpenFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of file.chunks) {
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
