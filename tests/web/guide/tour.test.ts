import { describe, expect, test } from 'vitest';
import { tour as en } from '../../../web/src/guide/tour.en.ts';
import { type StageState, tourSteps } from '../../../web/src/guide/tour.ts';
import { tour as zhCN } from '../../../web/src/guide/tour.zh-CN.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import { operationIds } from '../../../web/src/view/operations.ts';
import { bracesLeft, charactersIn, placeholdersIn, wordsIn } from './texts.ts';

const ids = tourSteps.map(({ id }) => id);
const states: readonly StageState[] = tourSteps.map(({ state }) => state);

test.each([
  ['English', en],
  ['Chinese', zhCN],
])('%s tells every step, in the order of the tour', (_, texts) => {
  expect(Object.keys(texts)).toEqual(ids);
});

test('the tour comes by every operation, in the order in which they run', () => {
  const shown = states.flatMap(({ operation }) => (operation ? [operation] : []));
  const first = operationIds.map((id) => shown.indexOf(id));
  expect(first).not.toContain(-1);
  // The residual stream is introduced before the first layer that adds to it.
  const inOrder = first.filter((_, place) => operationIds[place] !== 'residual');
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
});

test('a step has one name', () => {
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z-]+$/.test(id))).toEqual([]);
});

describe.each(ids)('%s', (id) => {
  test('is told in few words, and not too few', () => {
    expect(wordsIn(en[id].title)).toBeLessThanOrEqual(6);
    expect(charactersIn(zhCN[id].title)).toBeLessThanOrEqual(12);
    expect(wordsIn(en[id].text)).toBeGreaterThanOrEqual(30);
    expect(wordsIn(en[id].text)).toBeLessThanOrEqual(70);
    expect(charactersIn(zhCN[id].text)).toBeGreaterThanOrEqual(60);
    expect(charactersIn(zhCN[id].text)).toBeLessThanOrEqual(130);
  });

  test('takes only numbers that the page knows, and the same ones in both languages', () => {
    const names = placeholdersIn(en[id].text).sort();
    expect(guideValueNames).toEqual(expect.arrayContaining(names));
    expect(placeholdersIn(zhCN[id].text).sort()).toEqual(names);
    for (const { title, text } of [en[id], zhCN[id]]) {
      expect(bracesLeft(title) || bracesLeft(text)).toBe(false);
    }
  });
});
