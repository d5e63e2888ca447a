/** Values that follow others at once, or later so that they hold nobody up. */
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Following, leisure, rest, type When } from '../../../web/src/state/following.svelte.ts';

const frame = 16;
let stop = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call, frame));
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A value, what follows it as `whenOf` says, and everything that the latter has been. */
function followed(whenOf: (before: number, now: number) => When) {
  let value = $state(0);
  const seen: number[] = [];
  stop = $effect.root(() => {
    const following = new Following(() => value, whenOf);
    $effect(() => void seen.push(following.current));
  });
  flushSync();
  const set = (to: number) => {
    value = to;
    flushSync();
  };
  const wait = async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    flushSync();
  };
  return { seen, set, wait };
}
test('begins with the value', () => {
  expect(followed(() => 'at rest').seen).toEqual([0]);
});

test('at once, is drawn once with it', () => {
  const { seen, set } = followed(() => 'at once');
  set(1);
  expect(seen).toEqual([0, 1]);
});

test('after a frame, is as before until the frame has been painted', async () => {
  const { seen, set, wait } = followed(() => 'after a frame');
  set(1);
  await wait(frame - 1);
  expect(seen).toEqual([0]);
  await wait(2);
  expect(seen).toEqual([0, 1]);
});

test('after a frame, takes the latest of several, which put it off no longer', async () => {
  const { seen, set, wait } = followed(() => 'after a frame');
  set(1);
  await wait(frame / 2);
  set(2);
  await wait(frame);
  expect(seen).toEqual([0, 2]);
});

test.each([
  ['at rest', rest],
  ['at leisure', leisure],
] as const)('%s, waits until no other value has come for a while', async (when, pause) => {
  const { seen, set, wait } = followed(() => when);
  for (const value of [1, 2, 3]) {
    set(value);
    await wait(pause - 1);
  }
  expect(seen).toEqual([0]);
  await wait(1);
  expect(seen).toEqual([0, 3]);
});

test('is asked when from what is shown, not from what still waits', async () => {
  const asked: [number, number][] = [];
  const { set, wait } = followed((before, now) => {
    asked.push([before, now]);
    return 'at rest';
  });
  set(1);
  set(2);
  await wait(rest);
  set(3);
  expect(asked).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [2, 3],
  ]);
});

test('at once, after something that waits, is not undone by it', async () => {
  for (const first of ['at rest', 'after a frame'] as const) {
    const { seen, set, wait } = followed((_, now) => (now === 1 ? first : 'at once'));
    set(1);
    set(2);
    await wait(rest + 2 * frame);
    expect(seen).toEqual([0, 2]);
    stop();
  }
});

test('what waits ends with its component', () => {
  const { set } = followed(() => 'at rest');
  set(1);
  expect(vi.getTimerCount()).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});
