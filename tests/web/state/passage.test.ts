import { describe, expect, test } from 'vitest';
import {
  append,
  editIds,
  History,
  passageOf,
  sameIds,
  sharedLength,
} from '../../../web/src/state/passage.ts';

test('a generated token joins those before it; the written text stays', () => {
  const passage = append(append(passageOf('Once'), 5), 7);
  expect(passage).toEqual({ written: 'Once', ids: [5, 7] });
});

describe('a token of a text', () => {
  const ids = [1, 2, 3, 4];
  test.each([
    ['is replaced', { kind: 'replaced', position: 1, id: 9, cut: false }, [1, 9, 3, 4]],
    [
      'is replaced, and what follows dropped',
      { kind: 'replaced', position: 1, id: 9, cut: true },
      [1, 9],
    ],
    ['is removed', { kind: 'removed', position: 0 }, [2, 3, 4]],
    ['is cut, with all after it', { kind: 'cut', position: 2 }, [1, 2]],
    ['is the first, and nothing is left', { kind: 'cut', position: 0 }, []],
    ['is the last, and nothing is cut after it', { kind: 'cut', position: 4 }, ids],
  ] as const)('%s', (_, edit, expected) => {
    expect(editIds(ids, edit)).toEqual(expected);
    expect(ids).toEqual([1, 2, 3, 4]);
  });
});

test('texts are compared token by token', () => {
  expect(sameIds([1, 2], [1, 2])).toBe(true);
  expect(sameIds([1, 2], [1, 2, 3])).toBe(false);
  expect(sameIds([], [])).toBe(true);
  expect(sharedLength([1, 2, 3], [1, 2, 4, 5])).toBe(2);
  expect(sharedLength([], [1])).toBe(0);
});

test('history goes back one passage at a time, to the first', () => {
  const history = new History();
  const [first, second] = [passageOf('a'), passageOf('b')];
  history.push(first);
  history.push(second);
  expect(history.pop()).toBe(second);
  expect(history.pop()).toBe(first);
  expect(history.pop()).toBeUndefined();
});

test('history forgets the oldest when it is full', () => {
  const history = new History(2);
  for (const text of ['a', 'b', 'c']) history.push(passageOf(text));
  expect(history.length).toBe(2);
  history.pop();
  expect(history.pop()?.written).toBe('b');
});
