import { describe, expect, test } from 'vitest';
import {
  shorten,
  textOfTokens,
  tokenLabel,
  tokenSegments,
} from '../../../web/src/view/token_text.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('a token', () => {
  test('shows the space in front of its word', () => {
    expect(tokenSegments(utf8(' girl'))).toEqual([
      { kind: 'mark', text: '·' },
      { kind: 'text', text: 'girl' },
    ]);
  });

  test('shows each line end and tab', () => {
    expect(tokenLabel(utf8('\n\n\r\t'))).toBe('↵↵␍⇥');
  });

  test('of Chinese characters shows them', () => {
    expect(tokenSegments(utf8('白日'))).toEqual([{ kind: 'text', text: '白日' }]);
  });

  test('that is part of a character shows its bytes', () => {
    expect(tokenLabel(bytes(0xe7, 0x99))).toBe('⟨E7 99⟩');
    expect(tokenLabel(bytes(0xbd))).toBe('⟨BD⟩');
  });

  test('of a word and part of a character shows both', () => {
    expect(tokenLabel(bytes(0x20, 0x61, 0xf0, 0x9f))).toBe('·a⟨F0 9F⟩');
  });

  test.each([
    ['an overlong form', [0xc0, 0xaf], '⟨C0 AF⟩'],
    ['half a surrogate pair', [0xed, 0xa0, 0x80], '⟨ED A0 80⟩'],
    ['a number above Unicode’s last', [0xf4, 0x90, 0x80, 0x80], '⟨F4 90 80 80⟩'],
    ['a byte that UTF-8 never has', [0xff], '⟨FF⟩'],
  ])('that is %s shows its bytes', (_, values, label) => {
    expect(tokenLabel(bytes(...values))).toBe(label);
  });

  test.each([
    ['\u00a0', '⟨U+00A0⟩'],
    ['\u3000', '⟨U+3000⟩'],
    ['\u200b', '⟨U+200B⟩'],
    ['\ufeff', '⟨U+FEFF⟩'],
    ['\u0000', '⟨U+0000⟩'],
    ['\ue000', '⟨U+E000⟩'],
    ['\u0301', '⟨U+0301⟩'],
  ])('that would be invisible alone shows its number: %j', (text, label) => {
    expect(tokenLabel(utf8(text))).toBe(label);
  });

  test('of an emoji is that emoji', () => {
    expect(tokenLabel(utf8('🐉'))).toBe('🐉');
  });

  test('without bytes has no segments', () => {
    expect(tokenSegments(bytes())).toEqual([]);
  });
});

describe('a label that is too long', () => {
  test('ends in an ellipsis', () => expect(shorten('·everything', 5)).toBe('·eve…'));
  test('is counted in characters, not in UTF-16', () =>
    expect(shorten('🐉🐉🐉', 3)).toBe('🐉🐉🐉'));
});

describe('the text of tokens', () => {
  test('joins characters whose bytes span tokens', () => {
    const [a, b, c] = utf8('白') as unknown as [number, number, number];
    expect(textOfTokens([bytes(a), bytes(b, c)])).toEqual({ text: '白', pending: false });
  });

  test('leaves out the beginning of a character and says so', () => {
    expect(textOfTokens([utf8('a'), bytes(0xe7, 0x99)])).toEqual({ text: 'a', pending: true });
  });

  test('keeps what is not UTF-8 as U+FFFD', () => {
    expect(textOfTokens([bytes(0xff), utf8('a')])).toEqual({ text: '\ufffda', pending: false });
  });

  test('keeps a byte order mark', () => {
    expect(textOfTokens([utf8('\ufeffa')]).text).toBe('\ufeffa');
  });

  test('of none is empty', () => expect(textOfTokens([])).toEqual({ text: '', pending: false }));
});
