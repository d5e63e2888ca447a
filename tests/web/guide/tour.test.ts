import { describe, expect, test } from 'vitest';
import { tour as en } from '../../../web/src/guide/tour.en.ts';
import { type StageState, tourSteps } from '../../../web/src/guide/tour.ts';
import { tour as zhCN } from '../../../web/src/guide/tour.zh-CN.ts';
import { guideValueNames } from '../../../web/src/guide/values.ts';
import { operationIds } from '../../../web/src/view/operations.ts';
import type { WayId } from '../../../web/src/view/ways.ts';
import { bracesLeft, charactersIn, expectLengths, placeholdersIn, wordsIn } from './texts.ts';

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

/** With the texts for models that go another way than GPT-2. */
const told = ids.flatMap((id) => [
  [id, en[id], zhCN[id]] as const,
  ...(Object.entries(en[id].ways ?? {}) as [WayId, string][]).map(
    ([way, text]) =>
      [
        `${id}, ${way}`,
        { title: en[id].title, text },
        { title: zhCN[id].title, text: zhCN[id].ways![way]! },
      ] as const,
  ),
]);

describe.each(told)('%s', (_, english, chinese) => {
  test('is told in few words, and not too few', () => {
    expect(wordsIn(english.title)).toBeLessThanOrEqual(6);
    expect(charactersIn(chinese.title)).toBeLessThanOrEqual(12);
    expectLengths(english.text, [30, 70], chinese.text, [60, 130]);
  });

  test('takes only numbers that the page knows, and the same ones in both languages', () => {
    const names = placeholdersIn(english.text).sort();
    expect(guideValueNames).toEqual(expect.arrayContaining(names));
    expect(placeholdersIn(chinese.text).sort()).toEqual(names);
    for (const { title, text } of [english, chinese]) {
      expect(bracesLeft(title) || bracesLeft(text)).toBe(false);
    }
  });
});
