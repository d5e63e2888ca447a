/** Which of many rows is marked, told to those alone that a change concerns. */
import { flushSync } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import { marks } from '../../../web/src/state/marks.svelte.ts';

let stop = () => {};
afterEach(() => stop());

/** Rows that note when they are drawn, and whether marked. */
function rows(count: number, first: number | null | undefined) {
  let place = $state(first);
  const drawn: [row: number, marked: boolean][] = [];
  stop = $effect.root(() => {
    const isMarked = marks(() => place);
    for (let row = 0; row < count; row += 1) {
      $effect(() => void drawn.push([row, isMarked(row)]));
    }
  });
  flushSync();
  /** What is drawn when the mark moves. */
  const move = (to: number | null | undefined) => {
    drawn.length = 0;
    place = to;
    flushSync();
    return drawn.sort(([a], [b]) => a - b);
  };
  return { drawn, move };
}

test('one row is marked, or none', () => {
  expect(rows(3, 1).drawn).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
  stop();
  expect(rows(2, null).drawn.map(([, marked]) => marked)).toEqual([false, false]);
});

test('as it moves, the row that loses it and the one that gets it are drawn, no others', () => {
  const { move } = rows(5, 1);
  expect(move(3)).toEqual([
    [1, false],
    [3, true],
  ]);
  expect(move(3)).toEqual([]);
});

test('goes and comes', () => {
  const { move } = rows(3, 1);
  expect(move(undefined)).toEqual([[1, false]]);
  expect(move(2)).toEqual([[2, true]]);
});
