// A run continues from the one before, where both begin with the same tokens.
import { load, type Model, type RunOptions, type RunResult, type Tensor } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stories } from './support/models.ts';

let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterAll(() => model.dispose());

const ids = (length: number, last = 7) =>
  Array.from({ length }, (_, i) => (i === length - 1 ? last : (i * 31) % 1000));

/** What a model that has not run anything gives. */
async function alone(tokens: number[], options: RunOptions): Promise<RunResult> {
  await using fresh = await load(stories);
  return await fresh.runWithCache(tokens, options);
}

/** Every bit; a comparison number by number takes seconds. */
function expectSame(actual: Tensor, expected: Tensor) {
  expect(actual.dims, expected.name).toEqual(expected.dims);
  expect(Buffer.compare(bytesOf(actual), bytesOf(expected)), expected.name).toBe(0);
}
const bytesOf = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

function expectEqual(actual: RunResult, expected: RunResult) {
  expect(actual.tokens).toEqual(expected.tokens);
  expectSame(actual.logits!, expected.logits!);
  expect(actual.cache.names()).toEqual(expected.cache.names());
  for (const [name, tensor] of expected.cache) expectSame(actual.cache.get(name), tensor);
}

describe('a text that changes at its end', () => {
  const steps: [string, number[], RunOptions, number][] = [
    ['begins', ids(40), {}, 0],
    ['grows', ids(41), {}, 39],
    ['grows by many', ids(150), {}, 40],
    ['changes its last token', ids(150, 8), {}, 149],
    ['is shortened', ids(20), {}, 19],
    ['stays', ids(20), {}, 19],
    ['is looked at less closely', ids(21), { names: '*pattern', logits: 'last' }, 19],
    ['is looked at again', ids(22), {}, 0],
  ];
  it.each(steps)('%s', async (_, tokens, options, reused) => {
    const result = await model.runWithCache(tokens, options);
    expect(result.reused).toBe(reused);
    expectEqual(result, await alone(tokens, options));
  });
});

it('what several runs of a text captured is taken over together', async () => {
  const both = { names: ['*pattern', 'blocks.2.*'] };
  await model.runWithCache(ids(50, 9), { names: '*pattern' });
  await model.runWithCache(ids(50, 9), { names: 'blocks.2.*', logits: 'none' });
  const edits = [{ op: 'zero', name: 'blocks.1.attn.hook_z' }] as const;
  await model.runWithCache(ids(50, 9), { names: 'logits', edits });
  const result = await model.runWithCache([...ids(50, 9), 5], both);
  expect(result.reused).toBe(50);
  expectEqual(result, await alone([...ids(50, 9), 5], both));
});

it('runs that overlap in time do not mix', async () => {
  const texts = [ids(30), ids(31), ids(12, 3), ids(90)];
  const results = await Promise.all(texts.map((tokens) => model.runWithCache(tokens)));
  for (const [i, result] of results.entries()) expectEqual(result, await alone(texts[i]!, {}));
});

it('a run that was aborted leaves the next one right', async () => {
  await model.runWithCache(ids(100));
  const controller = new AbortController();
  const aborted = model.runWithCache(ids(120), {
    signal: controller.signal,
    onStage: (done) => done === 3 && controller.abort(),
  });
  await expect(aborted).rejects.toThrow();
  const result = await model.runWithCache(ids(110));
  expect(result.reused).toBe(99);
  expectEqual(result, await alone(ids(110), {}));
});
