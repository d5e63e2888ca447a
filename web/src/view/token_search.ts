/** Finding a token among all of a vocabulary, by what it says or by its id. */

/** What the search knows of a token; made once for a vocabulary. */
export interface Entry {
  id: number;
  /** As it is: with its space, or as bytes where it is no text. */
  text: string;
  /** In lower case, without white space around it. */
  plain: string;
}

export const entryOf = (id: number, text: string): Entry => ({
  id,
  text,
  plain: text.trim().toLowerCase(),
});

/** The signs that the page prints for white space are white space to the search too. */
const whiteSpace: readonly (readonly [string, string])[] = [
  ['·', ' '],
  ['↵', '\n'],
  ['⇥', '\t'],
];

/** How well a token fits, the best first; nothing where it does not. */
function fit(entry: Entry, typed: string, plain: string, id: number): number | null {
  // A space at the beginning is asked for on purpose: then the token has it.
  const spaced = /^\s/.test(typed);
  if (entry.text === typed || (!spaced && entry.text.trim() === typed)) return 0;
  if (spaced && !entry.text.startsWith(typed[0]!)) return null;
  if (entry.id === id) return 1;
  if (plain === '') return spaced && entry.text.startsWith(typed) ? 3 : null;
  if (entry.plain === plain) return 2;
  if (entry.plain.startsWith(plain)) return 3;
  return entry.plain.includes(plain) ? 4 : null;
}

/**
 * The tokens that a query finds: those that are exactly it, then the one with that id, those that begin
 * with it, and those that have it within; each kind the most probable first. `ranks`: by id, where the
 * model has an opinion.
 */
export function searchTokens(
  vocabulary: readonly Entry[],
  query: string,
  ranks: ArrayLike<number> | null,
): number[] {
  const typed = whiteSpace.reduce((text, [sign, space]) => text.replaceAll(sign, space), query);
  const plain = typed.trim().toLowerCase();
  if (typed === '') return [];
  const id = /^#?\d{1,7}$/.test(plain) ? Number(plain.replace('#', '')) : -1;
  const found: { id: number; fit: number; rank: number }[] = [];
  for (const entry of vocabulary) {
    const how = fit(entry, typed, plain, id);
    if (how !== null) found.push({ id: entry.id, fit: how, rank: ranks?.[entry.id] ?? entry.id });
  }
  return found.sort((a, b) => a.fit - b.fit || a.rank - b.rank).map((match) => match.id);
}

/** Where each token stands in the order, by id. */
export function ranksOf(order: ArrayLike<number>): Int32Array {
  const ranks = new Int32Array(order.length);
  for (let rank = 0; rank < order.length; rank += 1) ranks[order[rank]!] = rank;
  return ranks;
}
