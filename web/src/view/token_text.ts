/**
 * What a token looks like. A token is bytes, not text: it can be a word with its space, or a third of
 * a Chinese character. Nothing of it may be invisible or replaced.
 */

export type SegmentKind = 'text' | 'mark' | 'bytes';

/** A stretch of a token: letters, a sign that stands for white space, or bytes in hexadecimal. */
export interface Segment {
  kind: SegmentKind;
  text: string;
}

const marks = new Map([
  [' ', '·'],
  ['\n', '↵'],
  ['\r', '␍'],
  ['\t', '⇥'],
]);

/** Control, format, private, unassigned and separator characters would be drawn as nothing. */
const invisible = /[\p{C}\p{Z}\u115f\u1160\u3164\uffa0]|^\p{M}/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');

/** Length of the valid UTF-8 character at `start`, or 0. */
function characterLength(bytes: Uint8Array, start: number): number {
  const first = bytes[start]!;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length === 0 || start + length > bytes.length) return 0;
  try {
    utf8.decode(bytes.subarray(start, start + length));
    return length;
  } catch {
    return 0;
  }
}

function segmentOf(character: string): Segment {
  const mark = marks.get(character);
  if (mark !== undefined) return { kind: 'mark', text: mark };
  if (!invisible.test(character)) return { kind: 'text', text: character };
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return { kind: 'bytes', text: `⟨U+${code}⟩` };
}

/** A token as it is drawn: " girl" is ·girl, half a character is ⟨E7 99⟩. */
export function tokenSegments(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  const add = (segment: Segment) => {
    const last = segments.at(-1);
    if (last?.kind === 'text' && segment.kind === 'text') last.text += segment.text;
    else segments.push(segment);
  };
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      add(segmentOf(utf8.decode(bytes.subarray(at, at + length))));
      at += length;
      continue;
    }
    const start = at;
    while (at < bytes.length && characterLength(bytes, at) === 0) at += 1;
    add({ kind: 'bytes', text: `⟨${hex(bytes.subarray(start, at))}⟩` });
  }
  return segments;
}

/** The same in one string, for labels and for the screen reader. */
export function tokenLabel(bytes: Uint8Array): string {
  return tokenSegments(bytes)
    .map((segment) => segment.text)
    .join('');
}

/** At most `length` characters of a label; what is left out shows as an ellipsis. */
export function shorten(label: string, length: number): string {
  const characters = Array.from(label);
  return characters.length <= length ? label : `${characters.slice(0, length - 1).join('')}…`;
}

/**
 * The text of a sequence of tokens. `pending`: its last bytes are the beginning of a character, and
 * are left out. Other bytes that are not UTF-8 become U+FFFD.
 */
export function textOfTokens(tokens: readonly Uint8Array[]): { text: string; pending: boolean } {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  for (const bytes of tokens) text += decoder.decode(bytes, { stream: true });
  return { text, pending: decoder.decode() !== '' };
}
