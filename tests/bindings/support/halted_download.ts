// A download that a page stops and begins again, on another host than the page's; for any browser.
import { expect } from 'vitest';
import { isolation, pageWithPackage, serveRepository } from './browser.ts';
import { greedy, storiesFiles } from './models.ts';
import type { OtherBrowser } from './other_browser.ts';
import { RangeHost } from './range_host.ts';
import { serveFiles, type Answer } from './server.ts';

/** What the pages import. */
declare const glassformer: typeof import('glassformer');

const part = 4 << 20;
const stories = storiesFiles();

/** Runs in the page: stops as soon as a part is kept. */
async function halt(source: string) {
  const stop = new AbortController();
  const options = { cache: true, signal: stop.signal };
  const loading = glassformer.load(source, options).catch((error: Error) => error.name);
  const store = await caches.open('glassformer-models');
  const isThere = async () =>
    (await store.keys()).some(({ url }) => url.endsWith('?glassformer-part=0'));
  while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  return loading;
}

/** Runs in the page: the bytes heard of first, the next token, and what is kept then. */
async function goOn({ source, prompt }: { source: string; prompt: string }) {
  const loaded: number[] = [];
  const model = await glassformer.load(source, {
    cache: true,
    onProgress: (event) => {
      if (event.status !== 'progress' || event.file !== 'model.safetensors') return;
      loaded.push(event.loaded);
    },
  });
  const { value } = await model.generate(prompt, { temperature: 0 }).next();
  await model.dispose();
  const store = await caches.open('glassformer-models');
  const kept: [string, number][] = [];
  for (const { url } of await store.keys()) {
    if (!url.includes('model.safetensors')) continue;
    const { byteLength } = await (await store.match(url))!.arrayBuffer();
    kept.push([url.slice(url.lastIndexOf('/') + 1), byteLength]);
  }
  return { first: loaded[0], id: value!.id, worker: model.info.worker, kept: kept.sort() };
}

/** Downloads half, goes on, and loads once more; `headers` are what the other host lets pages read. */
export async function expectToGoOn(
  browser: OtherBrowser,
  headers: Record<string, string>,
): Promise<void> {
  const weights = stories['model.safetensors']!;
  const host = new RangeHost(weights);
  const all = { 'access-control-allow-origin': '*', ...headers };
  host.headers = all;
  const answers = Object.entries(stories).map(([name, content]): [string, Answer] => [
    `/model/${name}`,
    (_, response) => response.writeHead(200, all).end(content),
  ]);
  await using models = await serveFiles({
    ...Object.fromEntries(answers),
    '/model/model.safetensors': host.answer,
  });
  await using pages = await serveRepository(
    { '/': pageWithPackage('/dist/index.js', isolation) },
    isolation,
  );
  const source = `${models.url}/model`;
  await browser.open(pages.url);
  host.stallAfter = 5_000_000;
  expect(await browser.evaluate(halt, source)).toBe('AbortError');
  host.stallAfter = Infinity;
  const rest = {
    kept: [
      ['model.safetensors', weights.length - part],
      ['model.safetensors?glassformer-part=0', part],
    ],
  };
  const next = { id: greedy.greedy_24[0], worker: true, ...rest };
  const use = { source, prompt: greedy.prompt };
  expect(await browser.evaluate(goOn, use)).toEqual({ first: part, ...next });
  // No request comes before the one for the range, not even to ask for leave.
  expect(host.asked).toEqual([null, `bytes=${part}-`]);
  expect(await browser.evaluate(goOn, use)).toEqual({ first: 0, ...next });
  expect(host.asked).toHaveLength(2);
}
