/** Downloads that the package keeps in Cache Storage, under the name that bindings/README.md gives. */
import { folderOf, type KeptModel, keptModels, type RemoteModel } from '../view/models.ts';

const storeName = 'glassformer-models';

/** Null where there is none: nothing kept, insecure pages, browsers that refuse it. */
async function openStore(): Promise<Cache | null> {
  try {
    return (await globalThis.caches?.has(storeName)) ? await caches.open(storeName) : null;
  } catch {
    return null;
  }
}

export async function readKept(): Promise<KeptModel[]> {
  const store = await openStore();
  const files = (await store?.keys())?.map(async ({ url }) => ({
    address: url,
    bytes: Number((await store!.match(url))?.headers.get('content-length') ?? 0),
  }));
  return keptModels(await Promise.all(files ?? []));
}

export async function forget(entry: RemoteModel): Promise<void> {
  const store = await openStore();
  const folder = folderOf(entry);
  for (const { url } of (await store?.keys()) ?? []) {
    if (url.slice(0, url.lastIndexOf('/') + 1) === folder) await store!.delete(url);
  }
}
