import { expect, test } from 'vitest';
import { append, History, passageOf } from '../../../web/src/state/passage.ts';

test('a generated token joins those before it; the written text stays', () => {
  const passage = append(append(passageOf('Once'), 5), 7);
  expect(passage).toEqual({ written: 'Once', generated: [5, 7] });
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
