// The package as others get it: packed, installed into empty projects, and run there.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, openPage } from '../support/browser.ts';
import { greedy, root, stories } from '../support/models.ts';
import {
  expectedIds as expected,
  linkPackages,
  pack,
  type Packed,
  programWith,
} from '../support/packed.ts';

const minutes = 60_000;
let packed: Packed;

beforeAll(() => {
  packed = pack();
}, minutes);
afterAll(() => packed?.[Symbol.dispose]());

describe('the packed package', () => {
  it('runs in an empty Node project', { timeout: minutes }, () => {
    const directory = packed.project('node-project', {
      'main.js': `${programWith(stories)} console.log(JSON.stringify({ ids, worker }));`,
    });
    const output = execFileSync(process.execPath, ['main.js'], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({ ids: expected, worker: false });
  });

  it('brings the command line program', { timeout: minutes }, () => {
    const directory = packed.project('command-line-project', {});
    const npx = (args: string[], input = '') =>
      execFileSync('npx', ['--offline', 'glassformer', ...args], {
        cwd: directory,
        encoding: 'utf8',
        input,
        stdio: 'pipe',
      });
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(npx(['--version'])).toBe(`${version}\n`);
    expect(JSON.parse(npx(['info', stories, '--json'])).parameters).toBe(3_505_152);
    expect(npx(['tokenize', stories], 'Once upon a time')).toBe('[912,673,258,508]\n');
    const greedily = ['--temperature', '0', '--max-tokens', '5', '--json'];
    const { tokens } = JSON.parse(
      npx(['generate', stories, '--prompt', greedy.prompt, ...greedily]),
    ) as { tokens: { id: number }[] };
    expect(tokens.map(({ id }) => id)).toEqual(expected);
  });

  it('has types that an empty TypeScript project understands', { timeout: minutes }, () => {
    const directory = packed.project('typed-project', {
      'main.ts': `${programWith('somewhere')}
        const first: number | undefined = ids[0];
        const { logits, cache } = await model.runWithCache('a', { names: ['hook_embed'] });
        const value: number = logits.at(0, 0) + cache.get('hook_embed').at(0, 0);
        export { first, value, worker };
        // @ts-expect-error: there is no such option
        await model.runWithCache('a', { name: [] });
      `,
    });
    const tsc = path.join(root, 'node_modules/typescript/lib/tsc.js');
    for (const resolution of ['NodeNext', 'Bundler']) {
      const module = resolution === 'Bundler' ? 'ESNext' : resolution;
      const options = [
        '--strict',
        '--noEmit',
        '--target',
        'ES2022',
        '--lib',
        'ES2023,ESNext.Disposable,DOM',
      ];
      const how = ['--module', module, '--moduleResolution', resolution];
      execFileSync(process.execPath, [tsc, ...options, ...how, '--ignoreConfig', 'main.ts'], {
        cwd: directory,
        encoding: 'utf8',
      });
    }
  });

  describe('in an empty Vite project, without configuration', () => {
    let browser: Browser;
    let directory: string;

    beforeAll(async () => {
      browser = await launchChromium();
      directory = packed.project('vite-project', {
        'index.html':
          '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.js"></script>',
        'main.js': `
          addEventListener('unhandledrejection', ({ reason }) => (window.result = String(reason)));
          addEventListener('error', ({ message }) => (window.result = message));
          import('./model.js');
        `,
        'model.js': `${programWith('/stories')} window.result = { ids, worker };`,
      });
      cpSync(stories, path.join(directory, 'public/stories'), { recursive: true });
      linkPackages(directory, ['vite', 'rolldown']);
    }, 2 * minutes);
    afterAll(() => browser?.close());

    async function resultAt(url: string) {
      const { page, errors } = await openPage(browser, url);
      await page.waitForFunction('window.result', null, { timeout: minutes });
      const result = await page.evaluate('window.result');
      await page.close();
      return { result, errors };
    }

    it('runs from the development server', { timeout: 2 * minutes }, async () => {
      const { createServer } = await import('vite');
      const server = await createServer({
        root: directory,
        logLevel: 'silent',
        configFile: false,
        server: { host: '127.0.0.1' }, // not every machine knows localhost
      });
      try {
        await server.listen();
        const { result, errors } = await resultAt(server.resolvedUrls!.local[0]!);
        expect(result).toEqual({ ids: expected, worker: true });
        expect(errors).toEqual([]);
      } finally {
        await server.close();
      }
    });

    it('runs from the production build', { timeout: 2 * minutes }, async () => {
      const { build, preview } = await import('vite');
      const warnings: string[] = [];
      await build({
        root: directory,
        configFile: false,
        customLogger: {
          ...(await import('vite')).createLogger('silent'),
          warn: (message) => warnings.push(message),
          warnOnce: (message) => warnings.push(message),
        },
      });
      expect(warnings).toEqual([]);
      const server = await preview({
        root: directory,
        logLevel: 'silent',
        configFile: false,
        preview: { host: '127.0.0.1' },
      });
      try {
        const { result, errors } = await resultAt(server.resolvedUrls!.local[0]!);
        expect(result).toEqual({ ids: expected, worker: true });
        expect(errors).toEqual([]);
      } finally {
        await server.close();
      }
    });
  });

  const checked = (bin: string, ...args: string[]) =>
    execFileSync(path.join(root, 'node_modules/.bin', bin), [...args, packed.tarball], {
      encoding: 'utf8',
    });

  it('is described as its files are, says publint', { timeout: minutes }, () => {
    expect(checked('publint', '--strict')).toContain('All good!');
  });

  it('has types wherever it can be imported, says attw', { timeout: minutes }, () => {
    // There are ES modules only: CommonJS imports them dynamically.
    const output = checked(
      'attw',
      '--ignore-rules',
      'cjs-resolves-to-esm',
      '--exclude-entrypoints',
      'edits.schema.json',
      '--',
    );
    expect(output).toContain('No problems found');
  });

  it('stays small: 250 kB of WebAssembly and 60 kB of JavaScript, compressed', () => {
    const dist = path.join(root, 'dist');
    const compressed = (extension: RegExp, without: string[] = []) =>
      readdirSync(dist)
        .filter((file) => extension.test(file) && !without.includes(file))
        .map((file) => gzipSync(readFileSync(path.join(dist, file))).length);
    // A browser gets one of the four, and never the command line program.
    expect(Math.max(...compressed(/\.wasm$/, ['glassformer-cli.wasm']))).toBeLessThan(250_000);
    // Of the module's two scripts it gets one, the other is smaller; and none of Node's.
    const ofNode = ['node.js', 'node_thread.js', 'cli.js'];
    const scripts = compressed(/\.m?js$/, ['glassformer.mjs', ...ofNode]);
    expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });

  it('contains what it needs and nothing else', () => {
    const listed = execFileSync('tar', ['-tzf', packed.tarball], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const outside = listed.filter((file) => !file.startsWith('package/dist/')).sort();
    const allowed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect(outside.every((file) => allowed.includes(file.replace('package/', '')))).toBe(true);
    for (const file of ['index.js', 'index.d.ts', 'node.js', 'worker.js', 'glassformer.wasm']) {
      expect(listed).toContain(`package/dist/${file}`);
    }
  });
});
