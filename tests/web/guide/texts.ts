/** How long a text is, and what it takes, for the tests of the guide. */
import { expect } from 'vitest';
import { placeholder } from '../../../web/src/guide/values.ts';

const plain = (text: string) => text.replace(placeholder, 'x');

/** Words of an English text. */
export const wordsIn = (text: string) => plain(text).trim().split(/\s+/).length;

/** Characters of a Chinese text, without spaces. */
export const charactersIn = (text: string) => Array.from(plain(text).replace(/\s/g, '')).length;

type Bounds = readonly [least: number, most: number];

/** A text in both languages is within these, ends included. */
export function expectLengths(
  english: string,
  words: Bounds,
  chinese: string,
  characters: Bounds,
): void {
  for (const [length, [least, most]] of [
    [wordsIn(english), words],
    [charactersIn(chinese), characters],
  ] as const) {
    expect(length).toBeGreaterThanOrEqual(least);
    expect(length).toBeLessThanOrEqual(most);
  }
}

export const placeholdersIn = (text: string) =>
  Array.from(text.matchAll(placeholder), ([, name]) => name!);

/** What looks like a placeholder and is none: a brace that stays. */
export const bracesLeft = (text: string) => /[{}]/.test(plain(text));
