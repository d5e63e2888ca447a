// Explanations of the package, made ready to be shown.
import type { ActivationRow, Explanation } from 'glassformer';
import type { MessageKey } from '../messages/messages.ts';

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

const axes = ['h', 't', 's', 'v', 'c', 'd', 'f'] as const;

/** Of each axis of the activation that means something to a reader, where the number stands on it. */
export function placesOf(
  { name, index }: Subject,
  table: readonly ActivationRow[],
): { axis: (typeof axes)[number]; number: number }[] {
  const letters = axesOf(name, table).toLowerCase();
  return index.flatMap((number, place) => {
    const axis = axes.find((each) => each === letters[place]);
    return axis ? [{ axis, number }] : [];
  });
}

/** The position or token that a label such as "s = 3" means; null for columns. */
export function axisOfLabel(label: string): { axis: string; number: number } | null {
  const match = /^([tsv]) = (\d+)$/.exec(label);
  return match ? { axis: match[1]!, number: Number(match[2]) } : null;
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
