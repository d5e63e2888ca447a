/** When canvases are painted: what is in sight first, and nothing in vain. */
import { afterAll, beforeEach, expect, test, vi } from 'vitest';

type Look = (entries: { target: object; isIntersecting: boolean }[]) => void;
let look: Look;
let idle: (() => void)[] = [];
vi.stubGlobal(
  'IntersectionObserver',
  class {
    constructor(callback: Look) {
      look = callback;
    }
    observe() {}
    unobserve() {}
  },
);
vi.stubGlobal('requestIdleCallback', (call: () => void) => idle.push(call));
vi.useFakeTimers({ toFake: ['setTimeout'] });
const { insight, paintInSight } = await import('../../../web/src/state/painting.ts');
afterAll(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const canvasIn = (sight: boolean) => {
  const canvas = {} as HTMLCanvasElement;
  const forget = insight(canvas);
  look([{ target: canvas, isIntersecting: sight }]);
  const painted: string[] = [];
  const paint = (what: string, takesLong = false) =>
    paintInSight(canvas, () => painted.push(what), takesLong);
  return { canvas, forget, painted, paint };
};
const beIdle = () => idle.splice(0).forEach((call) => call());
beforeEach(() => void (idle = []));

test('in sight, at once; also before it is known whether it is', () => {
  const { paint, painted } = canvasIn(true);
  paint('a');
  expect(painted).toEqual(['a']);
  const unknown = {} as HTMLCanvasElement;
  const seen: string[] = [];
  paintInSight(unknown, () => seen.push('b'));
  expect(seen).toEqual(['b']);
});

test('in sight, what takes long: in a task of its own, and only the last of several', () => {
  const { paint, painted } = canvasIn(true);
  paint('a', true);
  paint('b', true);
  expect(painted).toEqual([]);
  vi.runAllTimers();
  expect(painted).toEqual(['b']);
});

test('out of sight, when there is nothing else to do', () => {
  const { paint, painted } = canvasIn(false);
  paint('a');
  vi.runAllTimers();
  expect(painted).toEqual([]);
  beIdle();
  expect(painted).toEqual(['a']);
});

test('out of sight, as soon as it comes into sight, and not once more when idle', () => {
  const { canvas, paint, painted } = canvasIn(false);
  paint('a');
  look([{ target: canvas, isIntersecting: true }]);
  expect(painted).toEqual(['a']);
  beIdle();
  expect(painted).toEqual(['a']);
});

test('an order that is taken back is not carried out', () => {
  const { paint, painted } = canvasIn(false);
  paint('a')();
  beIdle();
  expect(painted).toEqual([]);
});

test('taking back an older order leaves the newer one', () => {
  const { paint, painted } = canvasIn(true);
  const takeBack = paint('a', true);
  paint('b', true);
  takeBack();
  vi.runAllTimers();
  expect(painted).toEqual(['b']);
});

test('of a canvas that is gone, nothing', () => {
  const { forget, paint, painted } = canvasIn(false);
  paint('a');
  forget();
  beIdle();
  expect(painted).toEqual([]);
});
