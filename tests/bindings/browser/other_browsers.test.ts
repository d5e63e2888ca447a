// Other engines than Chromium's have workers, shared memory and vector instructions of their own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isolation,
  pageWithPackage,
  policies,
  serveFromAnotherHost,
  serveRepository,
} from '../support/browser.ts';
import { launchFirefox } from '../support/firefox.ts';
import { expectToGoOn } from '../support/halted_download.ts';
import { greedy, readTrace, relativeDifference, tolerance } from '../support/models.ts';
import type { OtherBrowser } from '../support/other_browser.ts';
import type { TestServer } from '../support/server.ts';
import { launchWebKit } from '../support/webkit.ts';

const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

/** What the pages import. */
declare const glassformer: typeof import('glassformer');

const { tokens, tensors } = readTrace('stories');
/** What is computed first, in the middle and last. */
const names = ['hook_embed', 'blocks.1.attn.hook_pattern', 'ln_final.hook_normalized'];

interface Use {
  source?: string;
  worker?: boolean | 'auto';
}

/** What a page may do with a model; it runs there. */
async function useModel({ source, worker, prompt, tokens, names }: Required<Use> & typeof given) {
  const model = await glassformer.load(source, { worker });
  const ids: number[] = [];
  for await (const { id } of model.generate(prompt, { temperature: 0, maxTokens: 5 })) ids.push(id);
  const { cache, logits } = await model.runWithCache(tokens, { names });
  const captured = [...cache, ['logits', logits] as const].map(([name, { dims, data }]) => ({
    name,
    dims: [...dims],
    data: [...data],
  }));
  await model.dispose();
  return { ids, captured, info: model.info, cores: navigator.hardwareConcurrency };
}
const given = { prompt: greedy.prompt, tokens, names };

describe.each([
  { name: 'Firefox', launch: launchFirefox, relaxedSimd: true },
  { name: 'WebKit', launch: launchWebKit, relaxedSimd: false },
])('in $name', { timeout: 60_000 }, ({ launch, relaxedSimd }) => {
  let browser: OtherBrowser;
  let server: TestServer;
  let isolated: TestServer;

  beforeAll(async () => {
    browser = await launch();
    server = await serveRepository({
      '/': pageWithPackage('/dist/index.js'),
      '/strict': pageWithPackage('/dist/index.js', { 'content-security-policy': strictPolicy }),
    });
    isolated = await serveRepository(
      { '/': pageWithPackage('/dist/index.js', isolation) },
      isolation,
    );
  }, 60_000);

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await isolated?.[Symbol.asyncDispose]();
  }, 60_000);

  /** Uses a model in the page at the address, expects its numbers to be right, and says how it ran. */
  async function useAt(url: string, { source = '/weights/stories', worker = 'auto' }: Use = {}) {
    await browser.open(url);
    const use = { source, worker, ...given };
    const { ids, captured, info, cores } = await browser.evaluate(useModel, use);
    expect(ids).toEqual(greedy.greedy_24.slice(0, 5));
    expect(captured.map(({ name }) => name)).toEqual([...names, 'logits']);
    for (const { name, dims, data } of captured) {
      const reference = tensors.get(name)!;
      expect(dims, name).toEqual(reference.dims);
      const difference = relativeDifference(Float32Array.from(data), reference.data);
      expect(difference, name).toBeLessThan(tolerance);
    }
    expect(info).toMatchObject({ simd: true, relaxedSimd });
    return { threads: info.threads, worker: info.worker, cores };
  }

  it('a model runs in a worker', async () => {
    expect(await useAt(server.url)).toMatchObject({ threads: 1, worker: true });
  });

  it('a model runs in the page on request', async () => {
    const result = await useAt(server.url, { worker: false });
    expect(result).toMatchObject({ threads: 1, worker: false });
  });

  it.each([true, false])(
    'a model computes in threads in an isolated page: worker %s',
    async (worker) => {
      const { cores, ...result } = await useAt(isolated.url, { worker });
      expect(result).toEqual({ threads: Math.min(8, cores), worker });
    },
  );

  it('a model runs in a worker under a strict content security policy', async () => {
    expect(await useAt(`${server.url}/strict`)).toMatchObject({ worker: true });
  });

  it.each([
    { rules: 'without a policy', headersFor: undefined },
    { rules: 'under a strict one', headersFor: policies.strict },
  ])('a model runs in a worker, from another host: $rules', async ({ headersFor }) => {
    await using host = await serveFromAnotherHost(headersFor);
    expect(await useAt(host.url, host)).toMatchObject({ worker: true });
  });

  it('a model computes in threads in an isolated page, from another host', async () => {
    await using host = await serveFromAnotherHost(() => isolation);
    const { threads, worker, cores } = await useAt(host.url, host);
    expect({ threads, worker }).toEqual({ threads: Math.min(8, cores), worker: true });
  });

  it('a model runs in the page, from another host, where a policy forbids workers of blobs', async () => {
    await using host = await serveFromAnotherHost(policies.withoutBlobs);
    expect(await useAt(host.url, host)).toMatchObject({ worker: false });
  });

  it('a download that was stopped goes on where it was, from another host', async () => {
    const headers = { etag: '"one"', 'access-control-expose-headers': 'ETag' };
    await expectToGoOn(browser, headers);
  });
});
