// The programs of the documentation, as a newcomer copies them into an empty project: each prints what
// stands in its comments.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium, openPage } from '../support/browser.ts';
import { root, stories } from '../support/models.ts';
import { linkPackages, pack, type Packed } from '../support/packed.ts';

const minutes = 60_000;
const run = promisify(execFile);

interface Task {
  readonly file: string;
  readonly program: string;
  /** Comments that end a line with console.log, or have a line of their own. */
  readonly prints: string[];
}

function tasksIn(document: string): Task[] {
  const text = readFileSync(path.join(root, document), 'utf8');
  return Array.from(text.matchAll(/```js\n([^]*?)```/g), ([, program = ''], i) => ({
    file: `task${i}.mjs`,
    program,
    prints: Array.from(
      program.matchAll(/^(?:.*console\.log\(.*\); )?\/\/ (.*)$/gm),
      ([, line]) => line!,
    ),
  }));
}

const tasks = tasksIn('bindings/docs/from_transformer_lens.md');
const files = Object.fromEntries(tasks.map(({ file, program }) => [file, program]));
let packed: Packed;
beforeAll(() => void (packed = pack()), minutes);
afterAll(() => packed?.[Symbol.dispose]());

it('there are twelve tasks and more, and each prints something', () => {
  expect(tasks.length).toBeGreaterThanOrEqual(12);
  for (const { file, prints } of tasks) expect(prints, file).not.toEqual([]);
});

it('run in an empty Node project', { timeout: 2 * minutes }, async () => {
  const directory = packed.project('node-tasks', files);
  mkdirSync(path.join(directory, 'models'));
  symlinkSync(stories, path.join(directory, 'models/stories'));
  for (const { file, prints } of tasks) {
    const { stdout } = await run(process.execPath, [file], { cwd: directory });
    expect(stdout.trimEnd().split('\n'), file).toEqual(prints);
  }
});

it('run in an empty Vite project', { timeout: 3 * minutes }, async () => {
  const directory = packed.project('vite-tasks', {
    ...files,
    'index.html':
      '<!doctype html><link rel="icon" href="data:," /><script type="module" src="/main.js"></script>',
    'main.js': `
      const printed = {};
      const programs = { ${tasks.map(({ file }) => `'${file}': () => import('./${file}')`).join(', ')} };
      for (const [file, program] of Object.entries(programs)) {
        printed[file] = [];
        console.log = (...values) => void printed[file].push(values.join(' '));
        await program().catch((error) => printed[file].push(String(error)));
      }
      window.result = printed;
    `,
  });
  cpSync(stories, path.join(directory, 'public/models/stories'), { recursive: true });
  linkPackages(directory, ['vite', 'rolldown']);
  const { build, preview } = await import('vite');
  await build({
    root: directory,
    configFile: false,
    logLevel: 'silent',
    build: { target: 'esnext' }, // the programs wait at their top
  });
  const server = await preview({
    root: directory,
    configFile: false,
    logLevel: 'silent',
    preview: { host: '127.0.0.1' },
  });
  const browser = await launchChromium();
  try {
    const { page, errors } = await openPage(browser, server.resolvedUrls!.local[0]!);
    await page.waitForFunction('window.result', null, { timeout: minutes });
    const printed = await page.evaluate('window.result');
    expect(printed).toEqual(Object.fromEntries(tasks.map(({ file, prints }) => [file, prints])));
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
