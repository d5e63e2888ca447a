// The package in Deno, and in a notebook: Deno's kernel for Jupyter evaluates cells as its REPL does.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greedy, root, stories } from '../support/models.ts';
import { expectedIds, pack, type Packed, programWith } from '../support/packed.ts';

let packed: Packed;
let directory: string;

beforeAll(() => {
  packed = pack();
  directory = packed.project('deno-project', {
    'main.js': `${programWith(stories)} console.log(JSON.stringify({ ids, worker }));`,
  });
}, 60_000);
afterAll(() => packed?.[Symbol.dispose]());

function deno(args: string[], input = '') {
  const program = path.join(root, 'node_modules/deno/bin.cjs');
  const cache = { DENO_DIR: path.join(directory, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: directory,
    input,
    encoding: 'utf8',
    env: { ...process.env, ...cache, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

describe('in Deno', { timeout: 60_000 }, () => {
  it('the packed package runs a model from a directory, allowed to read and nothing else', () => {
    const { status, stdout, stderr } = deno(['run', '--no-prompt', '--allow-read', 'main.js']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ ids: expectedIds, worker: false });
    expect(status).toBe(0);
  });

  it('a model that may not be read is not called absent', () => {
    const { status, stderr } = deno(['run', '--no-prompt', 'main.js']);
    expect(stderr).toContain(
      `GlassformerError: ${stories} could not be read: Requires read access`,
    );
    expect(status).toBe(1);
  });

  it("a notebook's cells share a model, and show what they end with", () => {
    const cells = [
      `import { load } from 'glassformer';`,
      `const model = await load(${JSON.stringify(stories)});`,
      `const { tokens, cache } = await model.runWithCache(${JSON.stringify(greedy.prompt)}, { names: ['*hook_pattern'] });`,
      `JSON.stringify(tokens)`,
      `[...cache].length`,
      `cache.get('blocks.0.attn.hook_pattern').at(0, 0, 0)`,
      `await model.dispose();`,
    ];
    const { stdout, stderr } = deno(['repl', '--quiet', '--allow-read'], cells.join('\n'));
    expect(stderr).toBe('');
    expect(stdout.split('\n').filter((line) => line !== 'undefined' && line !== '')).toEqual([
      `"${JSON.stringify(greedy.ids)}"`,
      '6',
      '1',
    ]);
  });
});
