// What `load` was given -> the files of a model.
import { folderAt, parseAddress } from './address.ts';
import { type Fetch, openDownload } from './download.ts';
import { GlassformerError } from './errors.ts';
import { filesFromBytes, filesFromList, type ModelFiles } from './files.ts';
import { platform } from './platform.ts';
import type { FilesByName, LoadOptions, ModelSource } from './types.ts';

const isAddress = (text: string) => /^[a-z][a-z0-9+.-]+:/i.test(text);
const isPath = (text: string) => /^(\.{0,2}\/|\.{1,2}$|~)/.test(text);
const isHubId = (text: string) => /^[\w.-]+(\/[\w.-]+)?$/.test(text);

export async function resolveSource(
  source: ModelSource,
  options: LoadOptions,
): Promise<ModelFiles> {
  if (source instanceof URL) return fromAddress(source, options);
  if (typeof source === 'string') return fromText(source, options);
  if (isFileList(source)) return filesFromList(source);
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) {
    return filesFromBytes(source as FilesByName);
  }
  throw new GlassformerError(
    'bad-source',
    'A model source is an address, a Hub id, a directory, files, or bytes by file name',
  );
}

const isFileList = (source: object | null): source is Iterable<File> =>
  (Array.isArray(source) && source.length > 0 && source.every((file) => file instanceof File)) ||
  (typeof FileList === 'function' && source instanceof FileList);

async function fromText(source: string, options: LoadOptions): Promise<ModelFiles> {
  if (isAddress(source)) return fromAddress(parseAddress(source), options, source);
  const directory = await platform.openDirectory?.(source);
  if (directory) return directory;
  if (isPath(source)) {
    if (platform.openDirectory) {
      throw new GlassformerError('io', `There is no directory ${source}`);
    }
    return fromAddress(parseAddress(source), options, source);
  }
  if (isHubId(source)) {
    const hub = String(options.hub ?? 'https://huggingface.co').replace(/\/+$/, '');
    const folder = `${hub}/${source}/resolve/${encodeURIComponent(options.revision ?? 'main')}/`;
    const address = parseAddress(folder, 'bad-option');
    return remoteFiles(source, address, options.cache ?? true, options.fetch);
  }
  throw new GlassformerError(
    'bad-source',
    `"${source}" is neither a Hub id nor an address (one on this host starts with / or ./)`,
  );
}

async function fromAddress(
  address: URL,
  options: LoadOptions,
  name = address.href,
): Promise<ModelFiles> {
  if (address.protocol === 'file:' && platform.openDirectory) {
    const directory = await platform.openDirectory(address);
    if (!directory) throw new GlassformerError('io', `There is no directory ${address.href}`);
    return directory;
  }
  return remoteFiles(name, folderAt(address), options.cache ?? false, options.fetch);
}

function remoteFiles(
  name: string,
  folder: URL,
  cache: boolean,
  fetch: Fetch | undefined,
): ModelFiles {
  const addressOf = (file: string) => new URL(file, folder).href;
  return {
    name,
    open: (file, signal, { optional = false } = {}) =>
      openDownload(addressOf(file), { cache, signal, fetch, optional }),
    // A function of the caller's cannot follow into a worker.
    portable: (file) => (fetch ? null : { kind: 'remote', address: addressOf(file), cache }),
  };
}
