import { isModelFile, type PlacedFile } from '../view/models.ts';

/** Somebody may drop their whole disk. */
const mostEntries = 5000;

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function childrenOf(entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = entry.createReader();
  const children: FileSystemEntry[] = [];
  // A reader hands out some at a time, and at the end none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    children.push(...some);
    if (some.length === 0 || children.length > mostEntries) return children;
  }
}

/** What was dropped: something to name it by, and its files, which can be read more than once. */
export interface Dropped {
  readonly place: readonly PlacedFile[];
  /** The files of a model, folders included, the outermost first. Rejects where a folder cannot be read. */
  read(): Promise<readonly PlacedFile[]>;
}

/** To be called while the event is handled: afterwards nothing of it can be had. */
export function filesDropped({ items, files }: DataTransfer): Dropped {
  const entries = Array.from(items)
    .map((item) => item.webkitGetAsEntry?.() ?? null)
    .filter((entry) => entry !== null);
  const loose = Array.from(files, (file) => ({ path: file.name, file }));
  if (!entries.some((entry) => entry.isDirectory)) {
    return { place: loose, read: () => Promise.resolve(loose) };
  }
  return { place: entries.slice(0, 1).map(asPlace), read: () => filesWithin(entries) };
}

async function filesWithin(entries: readonly FileSystemEntry[]): Promise<PlacedFile[]> {
  const queue = entries.slice();
  const found: PlacedFile[] = [];
  for (let next = 0; next < Math.min(queue.length, mostEntries); next += 1) {
    const entry = queue[next]!;
    if (entry.isDirectory) queue.push(...(await childrenOf(entry as FileSystemDirectoryEntry)));
    else if (isModelFile(entry.name)) {
      const file = await fileOf(entry as FileSystemFileEntry);
      found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    }
  }
  return found.length > 0 ? found : queue.slice(0, 1).map(asPlace);
}

/** For the name alone: of a folder that has no model, the message still says which. */
function asPlace(entry: FileSystemEntry): PlacedFile {
  return { path: `${entry.name}/`, file: new File([], entry.name) };
}

/** The files of a picker, which knows the folders they are in. */
export const filesPicked = (list: FileList): PlacedFile[] =>
  Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
