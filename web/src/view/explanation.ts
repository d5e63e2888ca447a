// Explanations of the package, made ready to be shown.
import type { ActivationRow, ExplainedFactor, ExplainedTerm, Explanation } from 'glassformer';
import type { MessageKey, Values } from '../messages/messages.ts';

/** A number of a run: an activation's name, and an index. */
export interface Subject {
  readonly name: string;
  readonly index: readonly number[];
}

export const nameOf = ({ name, index }: Subject) => `${name}[${index.join(', ')}]`;

/** As the page's address has it: `blocks.3.attn.hook_pattern:1,9,0`. */
export const formatSubject = ({ name, index }: Subject) => `${name}:${index.join(',')}`;

export function parseSubject(text: string | null): Subject | undefined {
  const match = /^([\w.]{1,80}):(\d{1,6}(?:,\d{1,6}){0,2})$/.exec(text ?? '');
  return match ? { name: match[1]!, index: match[2]!.split(',').map(Number) } : undefined;
}

/** The name within its block: `attn.hook_pattern`. */
export const withinBlock = (name: string) => name.replace(/^blocks\.\d+\./, '');

/** What the activation is, in words. */
export const meaningOf = (name: string) => `activation.${withinBlock(name)}` as MessageKey;

/** One letter an axis; probabilities are shaped as the logits are. */
export function axesOf(name: string, table: readonly ActivationRow[]): string {
  const row = table.find((row) => row.name === withinBlock(name));
  return row?.shape ?? (name === 'probabilities' ? 'TV' : '');
}

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

/** The position or token that a label such as "s = 3" means; null for columns. */
export function axisOfLabel(label: string): { axis: string; number: number } | null {
  const match = /^([tsv]) = (\d+)$/.exec(label);
  return match ? { axis: match[1]!, number: Number(match[2]) } : null;
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

/** What a score is the sum of, in the order of the vectors; null where not all terms were listed. */
export function productsOf({ terms, others }: Explanation): ScoreProduct[] | null {
  if (terms.length === 0 || others > 0) return null;
  const products: ScoreProduct[] = [];
  for (const { label, value, factors } of terms) {
    const place = Number(/^d = (\d+)$/.exec(label)?.[1]);
    const [query, key, factor] = factors.map((each) => each.value) as [number, number, number];
    products[place] = { query, key, factor, unscaled: query * key, scaled: value };
  }
  return products;
}

/** What a row of weights is made of. */
export interface SoftmaxRow {
  /** The largest score. */
  readonly max: number;
  /** Of each key, exp(score - max). */
  readonly exponentials: readonly number[];
  /** Their sum. */
  readonly total: number;
}

/** Of the explanation of any weight of the row; null where not all terms were listed. */
export function softmaxOf({ quantities }: Explanation): SoftmaxRow | null {
  const [max, total] = ['max', 'Z'].map((wanted) =>
    quantities.find(({ symbol }) => symbol === wanted),
  );
  if (!max || !total || total.others > 0) return null;
  const exponentials: number[] = [];
  for (const { label, value } of total.terms) exponentials[axisOfLabel(label)!.number] = value;
  return { max: max.value, exponentials, total: total.value };
}
