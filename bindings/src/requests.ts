// Arguments as people write them -> requests to the engine. Core checks ranges; here is only what
// would not survive the border.
import { GlassformerError } from './errors.ts';
import type { CoreEdits, CoreSampling } from './glassformer.mjs';
import type { Edit, SamplingOptions, Tensor, WeightEdit } from './types.ts';

const maxSeed = (1n << 64n) - 1n;

export function samplingRequest({
  temperature = 1,
  topK = 0,
  topP = 1,
  minP = 0,
  repetitionPenalty = 1,
  frequencyPenalty = 0,
  presencePenalty = 0,
  seed = 0,
}: SamplingOptions): CoreSampling {
  return {
    temperature: requireNumber('temperature', temperature),
    topK: requireInteger('topK', topK),
    topP: requireNumber('topP', topP),
    minP: requireNumber('minP', minP),
    repetitionPenalty: requireNumber('repetitionPenalty', repetitionPenalty),
    frequencyPenalty: requireNumber('frequencyPenalty', frequencyPenalty),
    presencePenalty: requireNumber('presencePenalty', presencePenalty),
    seed: requireSeed(seed),
  };
}

/** 53 random bits, so that the seed can be written down as a number. */
export function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! >>> 11) * 2 ** 32 + low!;
}

export function editsRequest(edits: readonly (Edit | WeightEdit)[] = []): CoreEdits {
  if (!Array.isArray(edits)) {
    throw new GlassformerError('bad-edit', 'edits is an array of edits');
  }
  const values: Record<number, Float32Array> = {};
  const plain = Array.from(edits, (edit: Edit | WeightEdit, i) => {
    if (typeof edit !== 'object' || edit === null) {
      throw new GlassformerError('bad-edit', `Edit ${i} is not an object`);
    }
    const { value } = edit;
    // JSON has no infinity, and many numbers are better moved than written out.
    if (value === undefined || Number.isFinite(value)) return edit;
    values[i] = Float32Array.from(valuesOf(value, i), (number) => requireEditValue(number, i));
    return { ...edit, value: 0 };
  });
  return { json: JSON.stringify(plain), values };
}

function valuesOf(value: NonNullable<Edit['value']>, i: number): ArrayLike<number> {
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) return value.flat(Infinity);
  if (ArrayBuffer.isView(value)) return value as Float32Array;
  const data = (value as Partial<Tensor> | null)?.data;
  if (data instanceof Float32Array) return data;
  throw new GlassformerError(
    'bad-edit',
    `The value of edit ${i} is neither a number, nor numbers, nor a tensor`,
  );
}

/** Infinities may be meant; what is not a number would spread through the run unseen. */
function requireEditValue(value: unknown, i: number): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new GlassformerError('bad-edit', `A value of edit ${i} is ${String(value)}, not a number`);
}

export function requireNumber(name: string, value: number): number {
  if (typeof value === 'number') return value;
  throw new GlassformerError('bad-option', `${name} is a number, not ${String(value)}`);
}

/** A whole number that fits 32 bits. */
export function requireInteger(name: string, value: number): number {
  if ((value | 0) === value) return value;
  throw new GlassformerError('bad-option', `${name} is a whole number, not ${String(value)}`);
}

export function requireCount(name: string, value: number): number {
  if (requireInteger(name, value) >= 0) return value;
  throw new GlassformerError('bad-option', `${name} is 0 or more, not ${value}`);
}

function requireSeed(seed: number | bigint): bigint {
  const whole = typeof seed === 'bigint' || Number.isSafeInteger(seed);
  if (whole && seed >= 0 && BigInt(seed) <= maxSeed) return BigInt(seed);
  throw new GlassformerError(
    'bad-option',
    `seed is a whole number from 0 to 2^64 - 1 (a bigint beyond 2^53), not ${String(seed)}`,
  );
}
