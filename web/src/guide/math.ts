/**
 * Formulas as small trees, which Formula.svelte renders as MathML. They hold no words, so one tree
 * serves all languages; what is read aloud in its place is written beside it, by language.
 */
import type { GuideValueName, GuideValues } from './values.ts';

/** What a symbol stands for; it has the hue that the whole page gives to it. */
export type Role = 'query' | 'key' | 'value' | 'residual' | 'mlp' | 'probability';

export type MathNode =
  | { kind: 'identifier' | 'operator' | 'number'; text: string }
  /** A size of the model: its number where that is known, else its letter. */
  | { kind: 'size'; name: GuideValueName; symbol: string }
  | { kind: 'role'; role: Role; of: MathNode }
  | { kind: 'row'; children: readonly MathNode[] }
  | { kind: 'fraction'; above: MathNode; below: MathNode }
  | { kind: 'root'; of: MathNode }
  | { kind: 'scripts'; base: MathNode; sub?: MathNode; sup?: MathNode }
  | { kind: 'sum'; below: MathNode; above?: MathNode }
  /** Something with its name below it. */
  | { kind: 'under'; of: MathNode; below: MathNode }
  /** A number of the run, with the attributes that say where it comes from. */
  | { kind: 'value'; text: string; source: Readonly<Record<`data-${string}`, string>> };

/** The lines of a formula, one below the other. */
export type Formula = readonly MathNode[];

/** A node, or a string of symbols with spaces between them. */
export type Mathlike = MathNode | string;

function symbol(text: string): MathNode {
  if (/^\d/.test(text)) return { kind: 'number', text };
  if (/^[\p{L}∞][\p{L}\p{M}\d′]*$/u.test(text)) return { kind: 'identifier', text };
  return { kind: 'operator', text };
}

export function row(...parts: readonly Mathlike[]): MathNode {
  const children = parts.flatMap((part) =>
    typeof part === 'string' ? part.trim().split(/\s+/).map(symbol) : [part],
  );
  return children.length === 1 ? children[0]! : { kind: 'row', children };
}

export const sub = (base: Mathlike, below: Mathlike): MathNode => ({
  kind: 'scripts',
  base: row(base),
  sub: row(below),
});

export const sup = (base: Mathlike, above: Mathlike): MathNode => ({
  kind: 'scripts',
  base: row(base),
  sup: row(above),
});

export const subsup = (base: Mathlike, below: Mathlike, above: Mathlike): MathNode => ({
  kind: 'scripts',
  base: row(base),
  sub: row(below),
  sup: row(above),
});

/** An entry of a vector or matrix: at('W', 'c', 'd') is W with c, d below it. */
export const at = (base: Mathlike, ...indices: readonly Mathlike[]): MathNode =>
  sub(base, row(...indices.flatMap((index, place) => (place === 0 ? [index] : [',', index]))));

export const transposed = (base: Mathlike): MathNode => sup(base, '⊤');

export const fraction = (above: Mathlike, below: Mathlike): MathNode => ({
  kind: 'fraction',
  above: row(above),
  below: row(below),
});

export const root = (...of: readonly Mathlike[]): MathNode => ({ kind: 'root', of: row(...of) });

export const sum = (below: Mathlike, above?: Mathlike): MathNode => ({
  kind: 'sum',
  below: row(below),
  ...(above === undefined ? {} : { above: row(above) }),
});

export const size = (name: GuideValueName, letter: string): MathNode => ({
  kind: 'size',
  name,
  symbol: letter,
});

export const role = (of: Role, ...parts: readonly Mathlike[]): MathNode => ({
  kind: 'role',
  role: of,
  of: row(...parts),
});

/** A function of something: f(x), with the invisible operator that screen readers know. */
export const apply = (name: Mathlike, ...argument: readonly Mathlike[]): MathNode =>
  row(name, '\u2061', '(', ...argument, ')');

/** The symbol or the number that a size is shown as. */
export const sizeShown = (
  node: Extract<MathNode, { kind: 'size' }>,
  values: GuideValues = {},
): MathNode => {
  const known = values[node.name];
  return known === undefined
    ? { kind: 'identifier', text: node.symbol }
    : { kind: 'value', text: known, source: { 'data-source': 'guide', 'data-path': node.name } };
};
