import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isolation,
  launchChromium,
  openPage,
  pageWithPackage,
  policies,
  serveFromAnotherHost,
  serveRepository,
} from '../support/browser.ts';
import { expectToGoOn } from '../support/halted_download.ts';
import { greedy, plainFiles, readTrace, relativeDifference, tolerance } from '../support/models.ts';
import { stallAfter, type TestServer } from '../support/server.ts';

const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
const noWorkers = strictPolicy.replace("worker-src 'self'", "worker-src 'none'");

/** What the pages import. */
declare const glassformer: typeof import('glassformer');

let browser: Browser;
let server: TestServer;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  server = await serveRepository({
    '/': pageWithPackage('/dist/index.js'),
    '/strict': pageWithPackage('/dist/index.js', { 'content-security-policy': strictPolicy }),
    '/no-workers': pageWithPackage('/dist/index.js', { 'content-security-policy': noWorkers }),
    '/stalled/model.safetensors': stallAfter(plainFiles()['model.safetensors']!, 5000),
    '/stalled/config.json': (_, response) =>
      response.writeHead(302, { location: '/tests/golden/plain/config.json' }).end(),
    '/hub/me/tiny/resolve/main/config.json': (_, response) =>
      response.writeHead(302, { location: '/weights/stories/config.json' }).end(),
    ...Object.fromEntries(
      ['model.safetensors', 'vocab.json', 'merges.txt'].map((file) => [
        `/hub/me/tiny/resolve/main/${file}`,
        (_: unknown, response: import('node:http').ServerResponse) =>
          void response.writeHead(302, { location: `/weights/stories/${file}` }).end(),
      ]),
    ),
  });
  ({ page } = await openPage(browser, server.url));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** The next token of the prompt, and where the model ran; for page.evaluate. */
async function nextToken({ prompt, worker }: { prompt: string; worker: boolean | 'auto' }) {
  const { load } = glassformer;
  const model = await load('/weights/stories', { worker });
  const { value } = await model.generate(prompt, { temperature: 0 }).next();
  await model.dispose();
  return { id: value!.id, text: value!.text, worker: model.info.worker };
}
const automatic = { prompt: greedy.prompt, worker: 'auto' } as const;
const expected = { id: greedy.greedy_24[0], text: ' named' };

describe('in Chromium', () => {
  it('a model runs in a worker', async () => {
    const result = await page.evaluate(nextToken, automatic);
    expect(result).toEqual({ ...expected, worker: true });
  });

  it.each([true, false])('a model computes in threads where it can: worker %s', async (worker) => {
    await using host = await serveRepository(
      { '/': pageWithPackage('/dist/index.js', isolation) },
      isolation,
    );
    const { page, errors } = await openPage(browser, host.url);
    const next = await page.evaluate(nextToken, { ...automatic, worker });
    expect(next).toEqual({ ...expected, worker });
    const info = await page.evaluate(async (worker) => {
      const { load } = glassformer;
      const model = await load('/weights/stories', { worker });
      await model.dispose();
      return { ...model.info, cores: navigator.hardwareConcurrency };
    }, worker);
    expect(info.threads).toBe(Math.min(8, info.cores));
    expect(info.relaxedSimd).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a worker without memory for threads computes in one, still apart from the page', async () => {
    await using host = await serveRepository(
      { '/': pageWithPackage('/dist/index.js', isolation) },
      isolation,
    );
    const { page, errors } = await openPage(browser, host.url);
    const result = await page.evaluate(async (prompt) => {
      const asked: number[] = [];
      const ended: number[] = [];
      globalThis.Worker = class extends Worker {
        override postMessage(message: { type: string; threads?: number }) {
          if (message.type !== 'start') return super.postMessage(message);
          asked.push(message.threads!);
          if (message.threads === 1) return super.postMessage(message);
          const error = { code: 'out-of-memory', message: 'There is not enough memory' };
          this.dispatchEvent(new MessageEvent('message', { data: { type: 'failed', error } }));
        }
        override terminate() {
          ended.push(asked.length);
          super.terminate();
        }
      };
      const model = await glassformer.load('/weights/stories', { threads: 2 });
      const { value } = await model.generate(prompt, { temperature: 0 }).next();
      const { worker, threads } = model.info;
      return { asked, ended, id: value!.id, worker, threads };
    }, greedy.prompt);
    expect(result).toEqual({
      asked: [2, 1],
      ended: [1],
      id: expected.id,
      worker: true,
      threads: 1,
    });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a model computes in one thread in a page that is not isolated', async () => {
    const threads = await page.evaluate(async () => {
      const { load } = glassformer;
      const model = await load('/weights/stories', { threads: 4 });
      await model.dispose();
      return model.info.threads;
    });
    expect(threads).toBe(1);
  });

  it('a model runs in the page on request', async () => {
    const result = await page.evaluate(nextToken, { ...automatic, worker: false });
    expect(result).toEqual({ ...expected, worker: false });
  });

  it('analyses run in the worker, tell how far they are, and stop', async () => {
    const result = await page.evaluate(async (prompt) => {
      const model = await glassformer.load('/weights/stories');
      const { value, sum } = await model.logitAttribution(prompt);
      const scores = await model.headScores(null, { length: 10 });
      const controller = new AbortController();
      const seen: number[] = [];
      const stopped = await model
        .activationPatching(prompt, prompt, {
          metric: { kind: 'kl_divergence' },
          signal: controller.signal,
          onProgress: (done) => {
            seen.push(done);
            if (done === 4) controller.abort(new Error('enough'));
          },
        })
        .catch((error: Error) => error.message);
      const { data } = await model.tokenDirection(' girl');
      await model.dispose();
      return {
        value,
        sum,
        dims: scores.induction.dims,
        stopped,
        last: seen.at(-1),
        size: data.length,
      };
    }, greedy.prompt);
    expect(result.sum).toBeCloseTo(result.value, 3);
    expect(result.dims).toEqual([6, 6]);
    expect(result.stopped).toBe('enough');
    expect(result.last).toBeLessThan(20);
    expect(result.size).toBe(192);
  });

  it('hooks are refused where the model is in a worker, and run in the page', async () => {
    const [refused, hooked] = await page.evaluate(async (prompt) => {
      const zero = { z5: (z: { size: number }) => new Float32Array(z.size) };
      const outcomes: unknown[] = [];
      for (const worker of [true, false]) {
        const model = await glassformer.load('/weights/stories', { worker });
        const run = model.runWithCache(prompt, { names: ['z5'], hooks: zero });
        outcomes.push(
          await run.then(
            ({ cache }) => Math.max(...cache.get('z5').data),
            ({ code, message }) => `${code}: ${message}`,
          ),
        );
        await model.dispose();
      }
      return outcomes;
    }, greedy.prompt);
    expect(refused).toMatch(/^unsupported: .*worker: false/);
    expect(hooked).toBe(0);
  });

  it.each(['plain', 'odd', 'stories'])(
    'the golden trace of %s is equal, from a worker',
    async (name) => {
      const { tokens, tensors } = readTrace(name);
      const address = name === 'stories' ? '/weights/stories' : `/tests/golden/${name}`;
      const actual = await page.evaluate(
        async ([address, tokens]) => {
          const { load } = glassformer;
          const model = await load(address);
          const { cache } = await model.runWithCache(tokens);
          await model.dispose();
          // JSON knows no infinity.
          const numbers = (data: Float32Array) =>
            Array.from(data, (x) => (x === -Infinity ? 'm' : x));
          return [...cache].map(([name, { dims, data }]) => ({ name, dims, data: numbers(data) }));
        },
        [address, tokens] as const,
      );
      expect(actual).toHaveLength(tensors.size);
      for (const { name, dims, data } of actual) {
        const reference = tensors.get(name)!;
        expect(dims, name).toEqual(reference.dims);
        const values = Float32Array.from(data, (x) => (x === 'm' ? -Infinity : (x as number)));
        expect(relativeDifference(values, reference.data), name).toBeLessThan(tolerance);
      }
    },
  );

  it('files, bytes and a custom fetch reach the worker too', async () => {
    const ids = await page.evaluate(async (prompt) => {
      const { load } = glassformer;
      const names = ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'];
      const bytes: Record<string, Uint8Array> = {};
      for (const name of names) {
        bytes[name] = new Uint8Array(await (await fetch(`/weights/stories/${name}`)).arrayBuffer());
      }
      const files = names.map((name) => new File([bytes[name] as BlobPart], name));
      const ownFetch = (address: string, init?: RequestInit) => fetch(address, init);
      const ids: number[] = [];
      for (const model of [
        await load(files),
        await load(bytes),
        await load('/weights/stories', { fetch: ownFetch }),
      ]) {
        if (!model.info.worker) throw new Error('not in a worker');
        const { value } = await model.generate(prompt, { temperature: 0 }).next();
        ids.push(value!.id);
        await model.dispose();
      }
      return ids.concat(bytes['model.safetensors']!.length);
    }, greedy.prompt);
    expect(ids).toEqual([expected.id, expected.id, expected.id, 7016800]);
  });

  it('errors keep their class, code and sentence across the border', async () => {
    const errors = await page.evaluate(async () => {
      const { load, GlassformerError } = glassformer;
      const caught = (error: unknown) =>
        error instanceof GlassformerError ? [error.code, error.message] : String(error);
      const model = await load('/weights/stories');
      const run = model.runWithCache([1], { names: ['hook_embe'] }).catch(caught);
      const long = model.runWithCache(new Array(9999).fill(1)).catch(caught);
      const missing = load('/weights/nothing').catch(caught);
      return [await run, await long, await missing];
    });
    expect(errors).toEqual([
      ['bad-name', expect.stringContaining('hook_embed')],
      ['context-overflow', expect.stringContaining('9,999')],
      ['network', `${server.url}/weights/nothing/config.json answered 404 Not Found`],
    ]);
  });

  it('an abort reaches a run, a generation and a download in the worker', async () => {
    const results = await page.evaluate(async () => {
      const { load } = glassformer;
      const reason = new Error('Enough');
      const outcome = (promise: Promise<unknown>) =>
        promise.then(
          () => 'finished',
          (error) => (error === reason ? 'the reason' : String(error)),
        );
      const model = await load('/weights/stories');
      const runStop = new AbortController();
      const run = model.runWithCache(new Array(model.config.n_positions).fill(5), {
        signal: runStop.signal,
        onStage: () => runStop.abort(reason),
      });
      const results = [await outcome(run)];

      const stop = new AbortController();
      const generation = (async () => {
        for await (const { id } of model.generate('One day', { signal: stop.signal }))
          if (id >= 0) stop.abort(reason);
      })();
      results.push(await outcome(generation));

      const loadStop = new AbortController();
      const loading = load('/stalled', {
        signal: loadStop.signal,
        onProgress: ({ status }) => {
          if (status === 'progress') setTimeout(() => loadStop.abort(reason), 100);
        },
      });
      results.push(await outcome(loading));
      const { tokens } = await model.runWithCache([1, 2]);
      return [...results, tokens];
    });
    expect(results).toEqual(['the reason', 'the reason', 'the reason', [1, 2]]);
  });

  it('dispose ends the worker, and what it was doing', async () => {
    const before = page.workers().length;
    const code = await page.evaluate(async () => {
      const { load } = glassformer;
      const model = await load('/weights/stories');
      const run = model.runWithCache(new Array(model.config.n_positions).fill(5));
      const code = run.catch((error) => error.code);
      await model.dispose();
      return code;
    });
    expect(code).toBe('disposed');
    await expect.poll(() => page.workers().length).toBe(before);
  });

  it('a failed load leaves no worker behind', async () => {
    const before = page.workers().length;
    await page.evaluate(async () => {
      const { load } = glassformer;
      await load('/weights/nothing').catch(() => {});
    });
    await expect.poll(() => page.workers().length).toBe(before);
  });

  it('the page stays alive while a model in it computes', async () => {
    const longest = await page.evaluate(async () => {
      const { load } = glassformer;
      const model = await load('/weights/stories');
      let longest = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 4);
      await model.runWithCache(new Array(model.config.n_positions).fill(5), { names: [] });
      clearInterval(timer);
      await model.dispose();
      return longest;
    });
    expect(longest).toBeLessThan(200);
  });

  it('what came from the Hub is in Cache Storage, whole, and is read from there', async () => {
    const hub = `${server.url}/hub`;
    const load = () =>
      page.evaluate(async (hub) => {
        const { load } = glassformer;
        const model = await load('me/tiny', { hub });
        await model.dispose();
        const store = await caches.open('glassformer-models');
        const sizes: number[] = [];
        for (const request of await store.keys()) {
          sizes.push((await (await store.match(request))!.arrayBuffer()).byteLength);
        }
        return sizes;
      }, hub);
    // The weights are one part and what follows it.
    const part = 4 << 20;
    expect(await load()).toEqual(expect.arrayContaining([part, 7016800 - part]));
    const asked = server.requests.length;
    expect(await load()).toHaveLength(5);
    expect(server.requests.slice(asked).filter((path) => path.startsWith('/hub'))).toEqual([]);
    await page.evaluate(() => caches.delete('glassformer-models'));
  });

  it('an aborted download leaves nothing of a part in Cache Storage', async () => {
    const kept = await page.evaluate(async () => {
      const { load } = glassformer;
      const stop = new AbortController();
      await load('/stalled', {
        cache: true,
        signal: stop.signal,
        onProgress: (event) => {
          if (event.status !== 'progress' || event.file !== 'model.safetensors') return;
          setTimeout(() => stop.abort(), 100);
        },
      }).catch(() => {});
      const store = await caches.open('glassformer-models');
      return (await store.keys()).map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toEqual(['/stalled/config.json']);
  });

  it.each([
    ['its tag', { etag: '"one"', 'access-control-expose-headers': 'ETag, Content-Range' }],
    ['its date', { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }],
  ])(
    'a download that was stopped goes on where it was, from another host that tells %s',
    async (_, headers) => {
      const page = await browser.newPage();
      await expectToGoOn(
        {
          open: async (url) => void (await page.goto(url)),
          evaluate: (work, argument) => page.evaluate(work as never, argument as never),
          [Symbol.asyncDispose]: () => page.close(),
        },
        headers,
      );
      await page.close();
    },
  );
});

describe('under a strict content security policy', () => {
  it('a model runs in a worker', async () => {
    const { page, errors } = await openPage(browser, `${server.url}/strict`);
    expect(await page.evaluate(nextToken, automatic)).toEqual({
      ...expected,
      worker: true,
    });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a model runs in the page where workers are forbidden', async () => {
    const { page } = await openPage(browser, `${server.url}/no-workers`);
    expect(await page.evaluate(nextToken, automatic)).toEqual({
      ...expected,
      worker: false,
    });
    const refused = await page.evaluate(async () => {
      const { load } = glassformer;
      return load('/weights/stories', { worker: true }).catch(({ code }) => code);
    });
    expect(refused).toBe('unsupported');
    await page.close();
  });
});

describe('from another host', () => {
  /** The next token, where the model ran and in how many threads. */
  async function resultIn(page: Page, source: string, worker: boolean | 'auto' = 'auto') {
    return page.evaluate(
      async ({ source, prompt, worker }) => {
        const { load } = glassformer;
        const model = await load(source, { worker });
        const { value } = await model.generate(prompt, { temperature: 0 }).next();
        await model.dispose();
        return { id: value!.id, worker: model.info.worker, threads: model.info.threads };
      },
      { source, prompt: greedy.prompt, worker },
    );
  }

  it.each([
    { rules: 'without a policy', headersFor: undefined },
    { rules: 'under a strict one', headersFor: policies.strict },
  ])('a model runs in a worker that imports the script: $rules', async ({ headersFor }) => {
    await using host = await serveFromAnotherHost(headersFor);
    const { page, errors } = await openPage(browser, host.url);
    const result = await resultIn(page, host.source);
    expect(result).toEqual({ id: expected.id, worker: true, threads: 1 });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a model runs in the page where a policy forbids workers of blobs', async () => {
    await using host = await serveFromAnotherHost(policies.withoutBlobs);
    const { page, errors } = await openPage(browser, host.url);
    const result = await resultIn(page, host.source);
    expect(result).toEqual({ id: expected.id, worker: false, threads: 1 });
    const refused = resultIn(page, host.source, true);
    await expect(refused).rejects.toThrow('No worker could be started here');
    expect(errors).toEqual([]);
    await page.close();
  });

  it("a model runs in the page where the worker's script cannot be had", async () => {
    await using host = await serveFromAnotherHost(undefined, {
      '/dist/worker.js': (_, response) => void response.writeHead(404).end(),
    });
    const { page, errors } = await openPage(browser, host.url);
    const result = await resultIn(page, host.source);
    expect(result).toEqual({ id: expected.id, worker: false, threads: 1 });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a model computes in threads in an isolated page', async () => {
    await using host = await serveFromAnotherHost(() => isolation);
    const { page, errors } = await openPage(browser, host.url);
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    const threads = Math.min(8, cores);
    for (const worker of [true, false]) {
      const result = await resultIn(page, host.source, worker);
      expect(result).toEqual({ id: expected.id, worker, threads });
    }
    expect(errors).toEqual([]);
    await page.close();
  });
});
