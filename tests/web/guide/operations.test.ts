import { describe, expect, test } from 'vitest';
import { softmaxGuide, wholeGuide } from '../../../web/src/guide/load_operations.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import { operationIds } from '../../../web/src/view/operations.ts';
import { bracesLeft, charactersIn, placeholdersIn, wordsIn } from './texts.ts';

const { texts: en, formulas } = await wholeGuide.en();
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

describe.each(operationIds)('%s', (id) => {
  test('is told in few words, and not too few', () => {
    expect(wordsIn(en[id].words)).toBeGreaterThanOrEqual(40);
    expect(wordsIn(en[id].words)).toBeLessThanOrEqual(80);
    expect(charactersIn(zhCN[id].words)).toBeGreaterThanOrEqual(90);
    expect(charactersIn(zhCN[id].words)).toBeLessThanOrEqual(170);
    expect(wordsIn(en[id].notice)).toBeLessThanOrEqual(25);
    expect(charactersIn(zhCN[id].notice)).toBeLessThanOrEqual(45);
  });

  test('takes only numbers that the page knows', () => {
    for (const { words, formula, notice } of [en[id], zhCN[id]]) {
      for (const text of [words, formula, notice]) {
        expect(guideValueNames).toEqual(expect.arrayContaining(placeholdersIn(text)));
        expect(bracesLeft(text)).toBe(false);
        expect(text.trim()).toBe(text);
        expect(text).not.toBe('');
      }
    }
  });
});
