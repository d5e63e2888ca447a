// The terms and factors that the package explains a number by, made ready to be shown.
import type { ExplainedFactor, ExplainedTerm, Explanation } from 'glassformer';
import type { MessageKey, Values } from '../messages/messages.ts';
import { nameOf, type Subject } from './explanation.ts';
import { percent, significant } from './numbers.ts';

/** How a number that is explained is printed: probabilities as the lists that lead to them have them. */
export const printOf = ({ name }: Pick<Subject, 'name'>): ((value: number) => string) =>
  name === 'probabilities' ? percent : significant;

/** The number that a factor is, or that it was computed from, where that can be explained. */
export function subjectOf({ name, index, madeOf }: ExplainedFactor): Subject | null {
  const activation = madeOf ?? name;
  const isActivation = /(^|\.)hook_/.test(activation) || activation === 'logits';
  return isActivation && index.length > 0 ? { name: activation, index } : null;
}

/** How a factor is called: by its symbol, or by its name and index. */
export const factorName = ({ name, index, madeOf }: ExplainedFactor) =>
  madeOf || index.length === 0 ? name.replaceAll('*', '·') : nameOf({ name, index });

/** A formula in parts, of which some stand lower. */
export function formulaParts(formula: string): { text: string; low: boolean }[] {
  const parts: { text: string; low: boolean }[] = [];
  const push = (text: string, low: boolean) => text && parts.push({ text, low });
  const readable = formula
    .replaceAll('sqrt', '√')
    .replaceAll('*', '·')
    .replaceAll('-infinity', '−∞')
    .replaceAll(' - ', ' − ')
    .replaceAll('^2', '²')
    .replaceAll('^3', '³')
    .replaceAll('epsilon', 'ε')
    .replaceAll('Phi', 'Φ')
    .replace(/\bpi\b/g, 'π');
  let rest = readable;
  for (let match; (match = /sum_(\w) |(attn_out|mlp_out)_i/.exec(rest));) {
    push(rest.slice(0, match.index), false);
    push(match[1] ? 'Σ' : match[2]!, false);
    push(match[1] ?? 'i', true);
    if (match[1]) push(' ', false);
    rest = rest.slice(match.index + match[0].length);
  }
  push(rest, false);
  return parts;
}

/** A term's label as a message, or as it is where it names an axis: "c = 12". */
export function termLabel(label: string): { key: MessageKey; values: Values } | null {
  const numbered = /^(head|attention|mlp) (\d+)$/.exec(label);
  if (numbered)
    return { key: `why.${numbered[1]}` as MessageKey, values: { number: numbered[2]! } };
  if (['bias', 'embed', 'pos_embed', 'mean', 'epsilon'].includes(label)) {
    return { key: `why.${label}` as MessageKey, values: {} };
  }
  if (label === 'wte' || label === 'wpe') return { key: 'why.weight', values: {} };
  return null;
}

/** The largest absolute value, to which bars are drawn. */
export const largestOf = (terms: readonly ExplainedTerm[]) =>
  Math.max(...terms.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);

/** A product of a score: a number of the query, the same number of the key, and what both are multiplied by. */
export interface ScoreProduct {
  readonly query: number;
  readonly key: number;
  readonly factor: number;
  /** Of the first two. */
  readonly unscaled: number;
  /** Of all three. */
  readonly scaled: number;
}

/** The dot product that is scaled to a score; a masked one has none. */
export const dotOf = ({ quantities }: Explanation) =>
  quantities.find(({ symbol }) => symbol === 'dot');

/** What a score is the sum of, in the order of the vectors; null where not all terms were listed. */
export function productsOf(explanation: Explanation): ScoreProduct[] | null {
  const { terms, others } = explanation;
  const dot = dotOf(explanation);
  if (!dot || others > 0 || dot.others > 0) return null;
  const unscaled = new Map(dot.terms.map(({ label, value }) => [label, value]));
  const products: ScoreProduct[] = [];
  for (const { label, value, factors } of terms) {
    const place = Number(/^d = (\d+)$/.exec(label)?.[1]);
    const [query, key, factor] = factors.map((each) => each.value) as [number, number, number];
    products[place] = { query, key, factor, unscaled: unscaled.get(label)!, scaled: value };
  }
  return products;
}
