import { describe, expect, test } from 'vitest';
import { softmaxGuide, wholeGuide } from '../../../web/src/guide/load_operations.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import type { OperationText } from '../../../web/src/guide/texts.ts';
import { operationIds } from '../../../web/src/view/operations.ts';
import type { WayId } from '../../../web/src/view/ways.ts';
import { bracesLeft, charactersIn, expectLengths, placeholdersIn, wordsIn } from './texts.ts';

const { texts: en, formulas, otherFormulas } = await wholeGuide.en();
const { texts: zhCN } = await wholeGuide['zh-CN']();

test.each([
  ['English', en],
  ['Chinese', zhCN],
  ['the formulas', formulas],
])('%s has every operation', (_, table) => {
  expect(Object.keys(table).sort()).toEqual([...operationIds].sort());
});

test('what a visit begins with is what it has of softmax later', async () => {
  for (const first of [await softmaxGuide.en(), await softmaxGuide['zh-CN']()]) {
    expect(first.formulas.softmax).toBe(formulas.softmax);
    expect([en.softmax, zhCN.softmax]).toContain(first.texts.softmax);
  }
});

/** What is said of models that go another way than GPT-2, by the operation and the way. */
const ways = operationIds.flatMap((id) =>
  (Object.keys(en[id].ways ?? {}) as WayId[]).map((way) => [id, way] as const),
);

test('every other way has its words in both languages, and its formula', () => {
  const all = ways.map(([, way]) => way);
  expect(Object.keys(otherFormulas!).sort()).toEqual([...all].sort());
  for (const id of operationIds) {
    expect(Object.keys(zhCN[id].ways ?? {})).toEqual(Object.keys(en[id].ways ?? {}));
  }
});

const told: [string, OperationText, OperationText][] = [
  ...operationIds.map((id): (typeof told)[number] => [id, en[id], zhCN[id]]),
  ...ways.map(([id, way]): (typeof told)[number] => [
    `${id}, ${way}`,
    en[id].ways![way]!,
    zhCN[id].ways![way]!,
  ]),
];

describe.each(told)('%s', (_, english, chinese) => {
  test('is told in few words, and not too few', () => {
    expectLengths(english.words, [40, 80], chinese.words, [90, 170]);
    expect(wordsIn(english.notice)).toBeLessThanOrEqual(25);
    expect(charactersIn(chinese.notice)).toBeLessThanOrEqual(45);
  });

  test('takes only numbers that the page knows', () => {
    for (const { words, formula, notice } of [english, chinese]) {
      for (const text of [words, formula, notice]) {
        expect(guideValueNames).toEqual(expect.arrayContaining(placeholdersIn(text)));
        expect(bracesLeft(text)).toBe(false);
        expect(text.trim()).toBe(text);
        expect(text).not.toBe('');
      }
    }
  });
});
