/** The model at work on a text, while what is looked at changes. */
import { afterAll, beforeEach, beforeAll, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import { has } from '../../../web/src/state/model_client.ts';
import { emptyPassage } from '../../../web/src/state/passage.ts';
import { Reader } from '../../../web/src/state/reader.svelte.ts';
import { dotProductsName, scoresName } from '../../../web/src/view/attention.ts';

let model: Model;
let reader: Reader;
const passage = { ...emptyPassage, written: 'Once upon a time' };
const namesOf = (block: number) => [scoresName(block), dotProductsName(block)];
const hasAll = (block: number) => namesOf(block).every((name) => has(reader.run!, name));
const read = (block: number, written = passage.written) =>
  reader.read(
    model,
    { ...passage, written },
    () => model.tokenizer.encode(written),
    block,
    namesOf(block),
  );
beforeAll(async () => {
  model = await load(new URL('../../../weights/stories/', import.meta.url));
});
beforeEach(() => {
  reader = new Reader();
});
afterAll(() => model.dispose());

test('a block that is looked at again has its numbers, whichever fetch ends last', async () => {
  await read(2);
  let block = 3;
  const there = reader.show(model, () => namesOf(block));
  block = 2;
  await Promise.all([there, reader.show(model, () => namesOf(block))]);
  expect(hasAll(2)).toBe(true);
});

test('of blocks that are stepped through, the last has its numbers', async () => {
  await read(0);
  let block = 0;
  const fetches = [1, 2, 3, 4].map((next) => {
    block = next;
    return reader.show(model, () => namesOf(block));
  });
  await Promise.all(fetches);
  expect([hasAll(4), reader.failure]).toEqual([true, null]);
});

test('a block that is stepped to while a text is read has the numbers of that text', async () => {
  await read(1);
  const reading = read(1, 'Once upon a time, there was');
  const shown = reader.show(model, () => namesOf(5));
  await Promise.all([reading, shown]);
  await reader.show(model, () => namesOf(5));
  expect(reader.run!.ids).toEqual(model.tokenizer.encode('Once upon a time, there was'));
  expect([hasAll(5), reader.failure]).toEqual([true, null]);
});

test('a text that comes while another is read stops that one', async () => {
  const signals: AbortSignal[] = [];
  const endless = {
    config: model.config,
    tokenizer: model.tokenizer,
    runWithCache: (_ids: number[], { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  } as unknown as Model;
  const [ids, names] = [() => [1, 2], namesOf(0)];
  const first = reader.read(endless, passage, ids, 0, names);
  const second = reader.read(endless, passage, ids, 0, names);
  await first;
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  expect([reader.run, reader.failure]).toEqual([null, null]);
  reader.stop();
  await second;
});

test('what can be fetched no more is asked for a few times only', async () => {
  await read(0);
  let asked = 0;
  const forgetful = {
    runWithCache: () => {
      asked += 1;
      return Promise.resolve({ cache: new Map() });
    },
  } as unknown as Model;
  await reader.show(forgetful, () => [scoresName(4)]);
  expect(asked).toBe(3);
});
