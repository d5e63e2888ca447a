// Nothing grows with use. Slow among these tests: many runs and loads.
import { load } from 'glassformer';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { stories } from './support/models.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Megabytes of this process, after two collections: the memory of a model goes with the second. */
async function residentMegabytes(): Promise<number> {
  for (let i = 0; i < 2; ++i) {
    collectGarbage();
    await pause(50);
  }
  return process.memoryUsage().rss / 1e6;
}

const ids = (length: number, last: number) =>
  Array.from({ length }, (_, i) => (i === length - 1 ? last : (i * 7) % 1000));

it('runs and abandoned generations leave nothing behind', async () => {
  await using model = await load(stories);
  const round = async () => {
    for (let i = 0; i < 150; ++i) await model.runWithCache(ids(20 + i, i), { names: '*pattern' });
    for (let i = 0; i < 50; ++i) {
      for await (const { position } of model.generate(ids(10, i), { seed: i })) {
        if (position > 12) break;
      }
    }
    return residentMegabytes();
  };
  const first = await round();
  expect((await round()) - first).toBeLessThan(60);
}, 60_000);

it('models that are disposed of give their memory back', async () => {
  const round = async () => {
    for (let i = 0; i < 30; ++i) {
      const model = await load(stories);
      await model.runWithCache(ids(3, i));
      await model.dispose();
    }
    return residentMegabytes();
  };
  await round();
  const second = await round();
  // Each holds 14 MB of weights. When exactly they go is the garbage collector's affair.
  expect((await round()) + (await round()) - 2 * second).toBeLessThan(2 * 300);
}, 60_000);
