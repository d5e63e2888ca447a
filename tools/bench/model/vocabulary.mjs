// A tokenizer without knowledge: the 256 bytes in GPT-2's order, and placeholders. Text is as many
// tokens as it has bytes, so every engine agrees about the ids of a prompt.

/** GPT-2's spelling of each byte: printable characters stand for themselves, the others follow. */
function byteSpellings() {
  const isPrintable = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter(isPrintable);
  const others = bytes.filter((byte) => !isPrintable(byte));
  return [
    ...printable.map((byte) => String.fromCodePoint(byte)),
    ...others.map((_, i) => String.fromCodePoint(256 + i)),
  ];
}

/** The only merge: two spaces. llama.cpp wants at least one. */
export const merges = ['\u0120 \u0120'];

/** The spellings of `size` tokens, by id; the last one ends a text. */
export function spellingsOf(size) {
  const spellings = [...byteSpellings(), '\u0120\u0120'];
  while (spellings.length < size - 1) spellings.push(`token${spellings.length}`);
  return [...spellings, '<|endoftext|>'];
}

/** A text of `length` letters, and so of `length` tokens, and their ids. */
export function promptOf(length) {
  // Steps of 7 through 26 letters: all of them come before one comes again.
  const letters = Array.from({ length }, (_, i) => String.fromCharCode(97 + ((7 * i) % 26)));
  return { text: letters.join(''), ids: letters.map((letter) => letter.charCodeAt(0) - 33) };
}
