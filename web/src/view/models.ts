/**
 * Models, wherever they come from: those that the page brings (weights/manifest.json), those of the
 * Hub, of any address, and files of the person's own.
 */
import manifest from '../../../weights/manifest.json';
import type { Language } from '../messages/messages.ts';

export type ModelSource =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'hub'; readonly hub: string; readonly revision: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'files'; readonly files: readonly File[] };

/** How its weights are held: as the file has them, or in 8 bits. */
export type Dtype = 'auto' | 'q8';

export interface ModelEntry {
  /** What the page's address calls it; for files, which no address can name, a name of the page's. */
  readonly id: string;
  readonly name: Readonly<Record<Language, string>>;
  /** What it writes, as far as that can be known. */
  readonly language: string;
  readonly examples: readonly string[];
  readonly source: ModelSource;
  readonly dtype: Dtype;
  readonly description?: Readonly<Record<Language, string>>;
  readonly parameters?: number;
  readonly licence?: string;
  /** Of all its files. */
  readonly bytes?: number;
}

/** A model that lies on another host, and is fetched only where a person asks for it. */
export type RemoteModel = ModelEntry & {
  readonly source: Extract<ModelSource, { kind: 'hub' | 'url' }>;
};

/** For a model that brings none of its own. A GPT-2 knows some facts, and can copy and count. */
const generalExamples: Record<Language, readonly string[]> = {
  en: [
    'The Eiffel Tower is in the city of',
    'When Mary and John went to the store, John gave a drink to',
    'The capital of Japan is Tokyo. The capital of France is',
    'One, two, three, four,',
    'It was a dark and stormy night, and',
  ],
  'zh-CN': [
    '从前有座山，山里有座庙，',
    '床前明月光，',
    '今天天气很好，我们',
    '一、二、三、四、',
    '中国的首都是',
  ],
};

/** A guess that depends on nothing but the name, so that a link shows everybody the same text. */
const languageOfName = (name: string): Language =>
  /chinese|[\u4e00-\u9fff]|(^|[^a-z])(zh|cn)([^a-z]|$)/i.test(name) ? 'zh-CN' : 'en';

const everywhere = (name: string): Record<Language, string> => ({ en: name, 'zh-CN': name });

const sumOf = (files: readonly { readonly bytes: number }[]) =>
  files.reduce((sum, file) => sum + file.bytes, 0);

function withoutExamples(id: string, name: string, source: ModelSource): ModelEntry {
  const language = languageOfName(name);
  const examples = generalExamples[language];
  return { id, name: everywhere(name), language, examples, source, dtype: 'auto' };
}

export const embeddedModels: readonly ModelEntry[] = manifest.embedded.map(
  ({ path, files, ...entry }) => ({
    ...entry,
    bytes: sumOf(files),
    source: { kind: 'embedded', path },
    dtype: 'auto',
  }),
);

export const downloadableModels: readonly ModelEntry[] = manifest.downloadable.map(
  ({ id, name, language, revision, parameters, licence, files }) => ({
    ...withoutExamples(id, name, { kind: 'hub', hub: id, revision }),
    language,
    examples: generalExamples[language === 'zh-CN' ? language : 'en'],
    parameters,
    licence,
    bytes: sumOf(files),
  }),
);

/** The model that writes the reader's language. */
export const defaultModel = (language: Language): ModelEntry =>
  embeddedModels.find((model) => model.language === language) ?? embeddedModels[0]!;

// The Hub's own rule, as tools/weights has it: no leading dot, nothing that climbs.
const hubId = /^([A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95})(?:@([\w./-]{1,100}))?$/;
const hubHosts = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

function hubModel(text: string): ModelEntry | undefined {
  const [, hub, revision] = hubId.exec(text) ?? [];
  if (!hub || text.includes('..')) return undefined;
  const known = downloadableModels.find(({ id, source }) => {
    const pinned = source.kind === 'hub' && source.revision === revision;
    return id === hub && (revision === undefined || pinned);
  });
  return known ?? withoutExamples(text, text, { kind: 'hub', hub, revision: revision ?? 'main' });
}

/** The Hub's pages of a model, of its files, and of one of them. */
function hubModelAt({ pathname }: URL): ModelEntry | undefined {
  const page = /^\/([^/]+\/[^/]+)(?:\/?|\/(?:tree|blob|resolve|raw)\/([^/]+)(?:\/.*)?)$/;
  const [, hub, branch] = page.exec(pathname) ?? [];
  if (!hub) return undefined;
  let revision = branch;
  try {
    revision = branch && decodeURIComponent(branch);
  } catch {
    return undefined;
  }
  return hubModel(revision && revision !== 'main' ? `${hub}@${revision}` : hub);
}

/** An address of a folder, or of one of the files in it. */
function modelAt(text: string): ModelEntry | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  if (hubHosts.includes(url.host)) return hubModelAt(url);
  const path = url.pathname.replace(/[^/]+\.(json|txt|safetensors)$/, '').replace(/\/*$/, '/');
  const address = url.origin + path;
  const name = path.split('/').at(-2) || url.host;
  return withoutExamples(address, name, { kind: 'url', url: address });
}

/** The model that an id, an id of the Hub or an address names, as people write or paste them. */
export function modelOf(
  text: string | null | undefined,
  dtype: Dtype = 'auto',
): ModelEntry | undefined {
  const id = text?.trim() ?? '';
  const known =
    embeddedModels.find((model) => model.id === id) ??
    hubModel(id) ??
    modelAt(hubHosts.some((host) => id.startsWith(`${host}/`)) ? `https://${id}` : id);
  return known && withDtype(known, dtype);
}

/** The beginning of what may be of any length. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;

export const withDtype = (entry: ModelEntry, dtype: Dtype): ModelEntry => ({ ...entry, dtype });

export const isSameModel = (a: ModelEntry, b: ModelEntry) => a.id === b.id && a.dtype === b.dtype;

export const isRemote = (entry: ModelEntry): entry is RemoteModel =>
  entry.source.kind === 'hub' || entry.source.kind === 'url';

/** Whether the page's address can name it. */
export const isShareable = ({ source }: ModelEntry) => source.kind !== 'files';

/** Where the files of a model are asked for. */
export function folderOf({ source }: RemoteModel): string {
  if (source.kind === 'url') return source.url;
  return `https://huggingface.co/${source.hub}/resolve/${encodeURIComponent(source.revision)}/`;
}

/** What the page needs to bring an embedded model without a connection; nothing of other models. */
export function ownFilesOf({ source }: ModelEntry): string[] {
  if (source.kind !== 'embedded') return [];
  const { path } = source;
  const files = manifest.embedded.find((entry) => entry.path === path)?.files ?? [];
  return ['README.md', ...files.map(({ name }) => name)].map((name) => `models/${path}/${name}`);
}

export const hostOf = (entry: RemoteModel): string => new URL(folderOf(entry)).host;

/** Where a person reads about it. */
export function cardOf({ source }: ModelEntry): string | null {
  if (source.kind === 'embedded') return `models/${source.path}/README.md`;
  return source.kind === 'hub' ? `https://huggingface.co/${source.hub}` : null;
}

/** Bytes of the weights in memory: 4 for each, or 1 and a scale for each 64, with some kept exact. */
export const memoryOf = (parameters: number, dtype: Dtype): number =>
  parameters * (dtype === 'q8' ? 1.1 : 4);

// ---- downloads that the browser keeps

export interface KeptModel {
  readonly entry: RemoteModel;
  readonly bytes: number;
  /** Whether the weights are there to their end. Otherwise they are downloaded on. */
  readonly usable: boolean;
  /** Whether all that loading asks for is there, so that it asks no host. */
  readonly whole: boolean;
}

const weightsFile = 'model.safetensors';
const neededFiles = ['config.json', weightsFile, 'vocab.json', 'merges.txt'];

/**
 * The models that kept entries belong to, by address; those of which no weights are there are not
 * worth a mention. A file's parts have its address with a query; its own address comes with its end.
 */
export function keptModels(entries: readonly { address: string; bytes: number }[]): KeptModel[] {
  const folders = new Map<string, Map<string, number>>();
  for (const { address, bytes } of entries) {
    const end = address.lastIndexOf('/') + 1;
    const folder = folders.get(address.slice(0, end)) ?? new Map<string, number>();
    folders.set(address.slice(0, end), folder.set(address.slice(end), bytes));
  }
  return Array.from(folders).flatMap(([folder, content]) => {
    const entry = modelOf(folder);
    // Another revision of a model than the one that its id means here is of no use.
    if (!entry || !isRemote(entry) || folderOf(entry) !== folder) return [];
    if (!Array.from(content.keys()).some((name) => name.startsWith(weightsFile))) return [];
    const bytes = Array.from(content.values()).reduce((a, b) => a + b, 0);
    const usable = content.has(weightsFile);
    return [{ entry, bytes, usable, whole: neededFiles.every((name) => content.has(name)) }];
  });
}

// ---- files of the person's own

const modelFiles = [...neededFiles, 'tokenizer.json'];
export const isModelFile = (name: string) => modelFiles.includes(name);

/** A file, and where it lies in what was picked or dropped. */
export interface PlacedFile {
  readonly path: string;
  readonly file: File;
}

const folderOfPath = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const depthOf = ({ path }: PlacedFile) => path.split('/').length;

/** The model among files: that of the outermost configuration, where folders hold several. */
export function modelOfFiles(placed: readonly PlacedFile[]): ModelEntry {
  const ours = placed
    .filter(({ file }) => isModelFile(file.name))
    .sort((a, b) => depthOf(a) - depthOf(b));
  const first = ours.find(({ file }) => file.name === 'config.json') ?? ours[0] ?? placed[0];
  const folder = folderOfPath(first?.path ?? '');
  const files = ours.filter(({ path }) => folderOfPath(path) === folder).map(({ file }) => file);
  const weights = files.find(({ name }) => name === 'model.safetensors');
  const name = folder || (weights ?? first?.file)?.name || '/';
  // The same files again are the same model; changed ones are another.
  const state = files.map(({ size, lastModified }) => `${size}@${lastModified}`).join();
  return withoutExamples(`files:${name}:${state}`, name, { kind: 'files', files });
}
