/** How long a text is, and what it takes, for the tests of the guide. */
import { placeholder } from '../../../web/src/guide/values.ts';

const plain = (text: string) => text.replace(placeholder, 'x');

/** Words of an English text. */
export const wordsIn = (text: string) => plain(text).trim().split(/\s+/).length;

/** Characters of a Chinese text, without spaces. */
export const charactersIn = (text: string) => Array.from(plain(text).replace(/\s/g, '')).length;

export const placeholdersIn = (text: string) =>
  Array.from(text.matchAll(placeholder), ([, name]) => name!);

/** What looks like a placeholder and is none: a brace that stays. */
export const bracesLeft = (text: string) => /[{}]/.test(plain(text));
