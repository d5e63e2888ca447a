/**
 * Keeps the page, so that it opens with no connection. It only ever answers for the files that it was
 * built with, each under the beginning of its SHA-256: versions cannot mix, because a file of another
 * version has another key. What is not kept is fetched as if there were no service worker.
 */
import type { Kept, NotInstalled, ToServiceWorker } from './protocol.ts';

/** Put in when the page is built: each file's hash by its path; './' is the page itself. */
declare const FILES: Readonly<Record<string, string>>;
/** The files without which the page does not open, whatever model and module it takes. */
declare const SHELL: readonly string[];
/** The models that the page brings, with their cards and credits. */
const MODELS = Object.keys(FILES).filter((path) => path.startsWith('models/'));

// TypeScript takes every script for one of a page's unless told otherwise.
const worker = self as unknown as ServiceWorkerGlobalScope;
const { scope } = worker.registration;
/** Several pages may share a host: each has a store of its own. */
const store = () => caches.open(`glassformer-page ${new URL(scope).pathname}`);
const keyOf = (path: string) => `${new URL(path, scope)}?${FILES[path]}`;
const pathOfKey = ({ url }: Request) => url.slice(scope.length).split('?')[0]!;
/** The address alone decides: a host may vary its answer by headers that change nothing here. */
const match = { ignoreVary: true };

function pathOf(address: string): string | null {
  if (!address.startsWith(scope)) return null;
  const path = address.slice(scope.length);
  return Object.hasOwn(FILES, path) ? path : null;
}

async function hashOf(response: Response): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'));
  return hex.join('').slice(0, 16);
}

/**
 * A file as this version was built with it, headers included: those that isolate the page too. The
 * page has mostly just loaded it, so the browser's own cache has it; a host in the middle of an
 * update may have another, which is not ours.
 */
async function fetchFile(path: string): Promise<Response> {
  for (const cache of ['force-cache', 'reload'] as const) {
    // Whatever the reader waits for goes first.
    const response = await fetch(new URL(path, scope), { cache, priority: 'low' });
    // A browser takes no page from a store that came by a redirection.
    const usable = response.ok && !response.redirected;
    const copy = response.clone();
    if ((await hashOf(response)) === FILES[path] && usable) return copy;
  }
  throw new Error(`The server has another ${path}`);
}

async function keep(paths: readonly string[]): Promise<void> {
  const files = await store();
  await Promise.all(
    paths.map(async (path) => {
      if (await files.match(keyOf(path), match)) return;
      await files.put(keyOf(path), await fetchFile(path));
    }),
  );
}

const reasonOf = (error: unknown) =>
  error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'not-kept';

/** A module's name holds a hash of it; without that it is the same in every version. */
const nameOf = (path: string) => path.replace(/-[\w-]{8}(?=\.wasm$)/, '');

/** This version's edition of whatever is kept: it may open with no connection before it was ever used. */
async function successors(): Promise<string[]> {
  const kept = await (await store()).keys();
  const names = new Set(kept.map((key) => nameOf(pathOfKey(key))));
  return Object.keys(FILES).filter((path) => names.has(nameOf(path)));
}

/**
 * The models that nobody has used yet: without a connection, too, a reader changes the language, which
 * brings its model along. Those who save data get what they used. What fails is tried again with the
 * next call; the page opens without it.
 */
async function keepModels(): Promise<void> {
  const { connection } = worker.navigator as { connection?: { saveData?: boolean } };
  if (!connection?.saveData) await keep(MODELS).catch(() => {});
}

async function install(): Promise<void> {
  try {
    await keep([...new Set([...SHELL, ...(await successors())])]);
  } catch (error) {
    // The page that is open hears why; the browser only that there is no new version.
    const pages = await worker.clients.matchAll({ includeUncontrolled: true });
    const message: NotInstalled = { type: 'not-installed', reason: reasonOf(error) };
    for (const page of pages) page.postMessage(message);
    throw error;
  }
}

/** Files that this version has not are those of an earlier one. */
async function forgetOthers(): Promise<void> {
  const files = await store();
  const ours = new Set(Object.keys(FILES).map(keyOf));
  const kept = await files.keys();
  await Promise.all(kept.filter(({ url }) => !ours.has(url)).map((key) => files.delete(key)));
}

async function answer(request: Request, path: string): Promise<Response> {
  const kept = await store()
    .then((files) => files.match(keyOf(path), match))
    .catch(() => undefined);
  return kept ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));

worker.addEventListener('activate', (event) => {
  // Not waited for: in Firefox it never ends where the page is isolated.
  event.waitUntil(forgetOthers().then(() => void worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || request.headers.has('range')) return;
  const isPage = (address: URL) =>
    [scope, `${scope}index.html`].includes(address.origin + address.pathname);
  const path =
    request.mode === 'navigate' && isPage(new URL(request.url)) ? './' : pathOf(request.url);
  if (path) event.respondWith(answer(request, path));
});

worker.addEventListener('message', (event) => {
  const message = event.data as ToServiceWorker;
  if (message.type === 'take-over') void worker.skipWaiting();
  if (message.type !== 'keep') return;
  const asked = message.addresses.map(pathOf).filter((path) => path !== null);
  const kept: Promise<Kept> = keep([...new Set([...SHELL, ...asked])]).then(
    () => keepModels().then(() => 'kept' as const),
    reasonOf,
  );
  event.waitUntil(kept.then((reply) => event.ports[0]?.postMessage(reply)));
});
