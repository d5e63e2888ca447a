// Projects of other bundlers than Vite, built for production as bindings/README.md says.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import {
  answerWith,
  isolation,
  launchChromium,
  openPage,
  serveFolder,
} from '../support/browser.ts';
import { storiesFiles } from '../support/models.ts';
import { expectedIds, pack, type Packed, programWith } from '../support/packed.ts';

/** Builds the project's main.js into its folder public/; resolves to what the bundler warns of. */
type Build = (directory: string) => Promise<string[]>;

const withWebpack: Build = async (context) => {
  const compiler = webpack({
    context,
    entry: './main.js',
    output: { path: path.join(context, 'public') },
    mode: 'production',
    performance: { hints: false }, // 0.5 MB is what a module takes
  });
  const stats = await new Promise<webpack.Stats>((resolve, reject) => {
    compiler.run((error, stats) => (stats ? resolve(stats) : reject(error)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  const { errors = [], warnings = [] } = stats.toJson();
  return [...errors, ...warnings].map(({ message }) => message);
};

/** It leaves `new URL(..., import.meta.url)` alone: what that names must lie beside the bundle. */
const withEsbuild: Build = async (directory) => {
  const dist = path.join(directory, 'node_modules/glassformer/dist');
  const modules = readdirSync(dist).filter((file) => file.endsWith('.wasm'));
  const beside = ['worker.js', 'thread.js', ...modules].map((file) => path.join(dist, file));
  const { errors, warnings } = await esbuild.build({
    entryPoints: [path.join(directory, 'main.js'), ...beside],
    outdir: path.join(directory, 'public'),
    entryNames: '[name]',
    loader: { '.wasm': 'copy' },
    bundle: true,
    minify: true,
    format: 'esm',
    logLevel: 'silent',
  });
  return [...errors, ...warnings].map(({ text }) => text);
};

const pageOf = (script: string) => `<!doctype html><link rel="icon" href="data:,">${script}`;
const model = Object.fromEntries(
  Object.entries(storiesFiles()).map(([file, bytes]) => [
    `/model/${file}`,
    answerWith(bytes, 'application/octet-stream'),
  ]),
);

let packed: Packed;
let browser: Browser;

beforeAll(async () => {
  packed = pack();
  browser = await launchChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  packed?.[Symbol.dispose]();
});

describe.each([
  { name: 'webpack', build: withWebpack, script: '<script defer src="/main.js"></script>' },
  { name: 'esbuild', build: withEsbuild, script: '<script type="module" src="/main.js"></script>' },
])('an empty $name project', { timeout: 60_000 }, ({ name, build, script }) => {
  let directory: string;
  let warnings: string[];

  beforeAll(async () => {
    directory = packed.project(`${name}-project`, {
      'main.js': `
        addEventListener('unhandledrejection', ({ reason }) => (window.result = String(reason)));
        import('./model.js').then(({ result }) => (window.result = result));`,
      'model.js': `
        ${programWith('/model')}
        export const result = { ids, worker, threads: model.info.threads };`,
    });
    warnings = await build(directory);
  }, 60_000);

  it('is built without warnings', () => {
    expect(warnings).toEqual([]);
  });

  it.each([
    { where: 'any page', headers: {}, threaded: false },
    { where: 'an isolated page, in threads', headers: isolation, threaded: true },
  ])('runs a model in a worker of $where', async ({ headers, threaded }) => {
    const pages = {
      '/': answerWith(pageOf(script), 'text/html', headers),
      ...model,
    };
    await using server = await serveFolder(path.join(directory, 'public'), pages, headers);
    const { page, errors } = await openPage(browser, 'about:blank');
    const workers: string[] = [];
    page.on('worker', (worker) => workers.push(worker.url()));
    await page.goto(server.url);
    await page.waitForFunction('window.result');
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    const threads = threaded ? Math.min(8, cores) : 1;
    expect(await page.evaluate('window.result')).toEqual({
      ids: expectedIds,
      worker: true,
      threads,
    });
    // One for the model, which computes too, and scripts of the project's own. Those that help come
    // once there are weights.
    await expect.poll(() => workers.length, { timeout: 20_000 }).toBe(threads);
    expect(workers.filter((url) => !url.startsWith(server.url))).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});

it('leaves out of a bundle what nothing imports', { timeout: 60_000 }, async () => {
  const directory = packed.project('shaken-project', {
    'main.js': "import { GlassformerError } from 'glassformer'; console.log(GlassformerError);",
  });
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(directory, 'main.js')],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  expect(outputFiles[0]!.text).toContain('GlassformerError');
  expect(outputFiles[0]!.contents.length).toBeLessThan(1000);
});
