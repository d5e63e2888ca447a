// Chromium, and a static host with the package, the models and whatever pages a test needs.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { root } from './models.ts';
import { type Answer, serveFiles } from './server.ts';

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.html': 'text/html; charset=utf-8',
};

export const answerWith =
  (content: Uint8Array | string, type: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    const body = typeof content === 'string' ? Buffer.from(content) : content;
    const all = { 'content-type': type, 'content-length': body.length, ...headers };
    response.writeHead(200, all).end(body);
  };

/** A page whose only content is the package, as the global `glassformer`. */
export const pageWithPackage = (script: string, headers: Record<string, string> = {}) => {
  const html = `<!doctype html><link rel="icon" href="data:,">
    <script type="module" src="/expose.js?${encodeURIComponent(script)}"></script>`;
  return answerWith(html, types['.html']!, headers);
};

/** Inline scripts would break a strict policy. */
export const expose: Answer = (request, response) => {
  const script = decodeURIComponent(request.url!.split('?')[1]!);
  const source = `import * as all from ${JSON.stringify(script)}; globalThis.glassformer = all;`;
  response.writeHead(200, { 'content-type': types['.js'] }).end(source);
};

/** What gives a page shared memory, and so threads; scripts of its workers need it, too. */
export const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves the repository's files as they are, with these headers, and the pages given. */
export const serveRepository = (
  pages: Record<string, Answer> = {},
  headers: Record<string, string> = {},
) => serveFolder(root, pages, headers);

/** The same for another folder's. */
export function serveFolder(
  folder: string,
  pages: Record<string, Answer> = {},
  headers: Record<string, string> = {},
) {
  return serveFiles(
    new Proxy(pages, {
      get(_, address: string): Answer | undefined {
        if (address === '/expose.js') return expose;
        if (Object.hasOwn(pages, address)) return pages[address];
        const file = path.join(folder, path.normalize(address));
        if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
        const type = types[path.extname(file)] ?? 'application/octet-stream';
        return answerWith(readFileSync(file), type, headers);
      },
    }),
  );
}

/** A page that imports the package from another host, as from a CDN, and the model's address there. */
export async function serveFromAnotherHost(
  headersFor: (cdn: string) => Record<string, string> = () => ({}),
  answers: Record<string, Answer> = {},
) {
  const cdn = await serveRepository(answers, { 'access-control-allow-origin': '*' });
  const host = await serveFiles({
    '/': pageWithPackage(`${cdn.url}/dist/index.js`, headersFor(cdn.url)),
    '/expose.js': expose,
  });
  return {
    url: host.url,
    source: `${cdn.url}/weights/stories`,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await cdn[Symbol.asyncDispose]();
    },
  };
}

/** Policies of such a page. To Firefox, what a worker imports is a worker, too. */
export const policies = {
  strict: (cdn: string) => policyOf(cdn, `blob: ${cdn}`),
  withoutBlobs: (cdn: string) => policyOf(cdn, "'self'"),
};
const policyOf = (cdn: string, workers: string) => ({
  'content-security-policy':
    `default-src 'none'; script-src 'self' ${cdn} 'wasm-unsafe-eval'; ` +
    `worker-src ${workers}; connect-src ${cdn}`,
});

/** Opens a page; resolves to it and to what it says is wrong. */
export async function openPage(browser: Browser, url: string) {
  const page: Page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(url);
  return { page, errors };
}
