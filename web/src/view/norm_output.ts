/**
 * What a layer norm gives out: normalized, times its weight, plus its bias. The layer behind it multiplies
 * this, and the trace has no activation for it: its numbers are the factors that the package explains a
 * number of that layer by. `blocks.2.ln1.output` here, beside `blocks.2.ln1.hook_normalized`.
 */
import type { Explanation } from 'glassformer';
import type { Subject } from './explanation.ts';

const pattern = /(?<=\bln(?:1|2|_final)\.)output$/;

export const isNormOutput = (name: string) => pattern.test(name);

/** What it is before weight and bias. */
export const normalizedOf = (name: string) => name.replace(pattern, 'hook_normalized');

/** The first number that the layer behind it makes of it at a position. */
export function firstMadeOf(name: string, position: number): Subject {
  const readers: Record<string, readonly [string, ...number[]]> = {
    'ln1.output': ['attn.hook_q', position, 0, 0],
    'ln2.output': ['mlp.hook_pre', position, 0],
    'ln_final.output': ['logits', position, 0],
  };
  const [, block = '', norm = ''] = /^(blocks\.\d+\.)?(.*)$/.exec(name)!;
  const [reader, ...index] = readers[norm]!;
  return { name: block + reader, index };
}

/** The vector at a position, from the explanation of a number that is made of it, with all its terms. */
export function normOutputIn(
  { terms }: Pick<Explanation, 'terms'>,
  name: string,
  position: number,
): Float32Array {
  const normalized = normalizedOf(name);
  const row: number[] = [];
  for (const { factors } of terms) {
    const { madeOf, index, value } = factors[0]!;
    if (madeOf === normalized && index[0] === position) row[index[1]!] = value;
  }
  return Float32Array.from(row);
}
