// What a program may hand over by mistake is refused in one sentence that names it, and what the
// program's own callbacks throw reaches it.
import { load, type Edit, type Model } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { greedy, stories, storiesFiles } from './support/models.ts';

let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterAll(() => model.dispose());

describe('arguments of a run', () => {
  const run = (options: object) => model.runWithCache(greedy.prompt, options);

  it('edits that are no array', () =>
    expectError(run({ edits: { name: 'hook_embed', op: 'zero' } }), 'bad-edit', /array/));
  it.each([[5], [[5]], [null]])('names: %j', (names) =>
    expectError(run({ names }), 'bad-option', /names/),
  );
  it.each([
    ['NaN alone', Number.NaN],
    ['NaN among numbers', [1, Number.NaN]],
    ['text among numbers', [1, 'two']],
  ])('an edit with %s', async (_, value) => {
    const edit = { name: 'ln_final.hook_scale', op: 'set', value } as Edit;
    await expectError(run({ edits: [edit] }), 'bad-edit', /not a number/);
  });
  it('text and ids that are neither', async () => {
    expect(() => model.tokenizer.encode(7 as never)).toThrow(/string, not 7/);
    await expectError(model.runWithCache(undefined as never), 'bad-tokens', /undefined/);
  });
});

describe('arguments of a load', () => {
  it.each([
    ['source', 'http://[', {}, 'bad-source'],
    ['folder', 'data:,x', {}, 'bad-source'],
    ['hub', 'some/model', { hub: 'http://[' }, 'bad-option'],
    ['wasm address', 'some/model', { wasm: 'http://[' }, 'bad-option'],
    ['wasm', 'some/model', { wasm: 5 }, 'bad-option'],
  ] as const)('%s', (_, source, options, code) =>
    expectError(
      load(source, { fetch: () => Promise.reject(new Error('offline')), ...options } as never),
      code,
    ),
  );
});

describe('a callback that throws ends its call', () => {
  it('onProgress', async () => {
    const onProgress = () => {
      throw new RangeError('from onProgress');
    };
    await expect(load(storiesFiles(), { onProgress })).rejects.toThrow('from onProgress');
  });
  it('onStage', async () => {
    const onStage = () => {
      throw new RangeError('from onStage');
    };
    await expect(model.runWithCache(greedy.prompt, { onStage })).rejects.toThrow('from onStage');
    await expect(model.runWithCache(greedy.prompt, { names: [] })).resolves.toBeDefined();
  });
});
