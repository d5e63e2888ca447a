import { describe, expect, test } from 'vitest';
import { entryOf, ranksOf, searchTokens } from '../../../web/src/view/token_search.ts';

const texts = [
  '12',
  'girl',
  ' girl',
  ' girls',
  'Girl',
  ' a',
  '\n',
  ' ',
  '⟨E7 99⟩',
  'schoolgirl',
  ' 3',
];
const vocabulary = texts.map((text, id) => entryOf(id, text));
const find = (query: string, ranks: number[] | null = null) =>
  searchTokens(vocabulary, query, ranks).map((id) => texts[id]);

describe('searching the vocabulary', () => {
  test('has what is exactly meant first, then beginnings, then the rest', () => {
    expect(find('girl')).toEqual(['girl', ' girl', 'Girl', ' girls', 'schoolgirl']);
    expect(find('gir')).toEqual(['girl', ' girl', ' girls', 'Girl', 'schoolgirl']);
  });

  test('has the more probable first among those that fit as well', () => {
    const ranks = texts.map((_, id) => texts.length - id);
    expect(find('girl', ranks).slice(0, 2)).toEqual([' girl', 'girl']);
  });

  test('by an id finds that token, after one that says the number', () => {
    expect(find('3')).toEqual([' 3', ' girls']);
    expect(find('#5')).toEqual([' a']);
    expect(find('12')).toEqual(['12']);
    expect(find('99999')).toEqual([]);
  });

  test('with a space finds tokens that have it, also as the page prints it', () => {
    expect(find(' girl')).toEqual([' girl', ' girls']);
    expect(find('·girl')).toEqual([' girl', ' girls']);
    expect(find('↵')).toEqual(['\n']);
    expect(find(' ')[0]).toBe(' ');
  });

  test('finds bytes that are no text', () => {
    expect(find('e7 99')).toEqual(['⟨E7 99⟩']);
  });

  test('finds nothing for nothing, and takes any text as text', () => {
    expect(find('')).toEqual([]);
    expect(find('.*')).toEqual([]);
    expect(find('[(\\')).toEqual([]);
  });
});

test('ranks are where ids stand in the order', () => {
  expect(Array.from(ranksOf([2, 0, 1]))).toEqual([1, 2, 0]);
});
