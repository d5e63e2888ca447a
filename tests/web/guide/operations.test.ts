import { describe, expect, test } from 'vitest';
import { operationFormulas } from '../../../web/src/guide/formulas.ts';
import { operations as en } from '../../../web/src/guide/operations.en.ts';
import { operations as zhCN } from '../../../web/src/guide/operations.zh-CN.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import { operationIds } from '../../../web/src/view/operations.ts';
import { bracesLeft, charactersIn, placeholdersIn, wordsIn } from './texts.ts';

test.each([
  ['English', en],
  ['Chinese', zhCN],
  ['the formulas', operationFormulas],
])('%s has every operation, in the order in which they run', (_, table) => {
  expect(Object.keys(table)).toEqual(operationIds);
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
