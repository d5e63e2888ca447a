/**
 * What must hold between the numbers of a run, whatever its weights are. The sums are done here anew, with
 * 64 bits and in another language than the model's: a check that shared its code would share its errors.
 * Each check is a generator that pauses at every row, so that whoever runs it can let the page breathe.
 */
import type { Subject } from './explanation.ts';
import type { Values } from './flow/vectors.ts';

export const identityIds = [
  'embedding',
  'handedOn',
  'attentionAdded',
  'mlpAdded',
  'normMean',
  'normVariance',
  'causal',
  'softmax',
  'rowSum',
  'mix',
  'heads',
  'probabilities',
  'attribution',
  'cache',
] as const;

export type IdentityId = (typeof identityIds)[number];

/** The largest relative error of one operation in 32 bits, rounded to nearest. */
export const unitRoundoff = 2 ** -24;

/** A comparison of two numbers that should be equal. */
export interface Comparison {
  /** Where the number on screen stands. */
  readonly subject: Subject;
  readonly error: number;
  /** Of what is compared: the absolute values of all terms of its sum together. */
  readonly size: number;
  readonly allowed: number;
}

/** What came of an identity. */
export interface Finding {
  readonly id: IdentityId;
  readonly compared: number;
  readonly failed: number;
  /** The one that comes nearest to its limit, or is furthest beyond it; null where none was made. */
  readonly worst: Comparison | null;
}

/** Counts the comparisons of one identity. */
export class Tally {
  readonly id: IdentityId;
  #compared = 0;
  #failed = 0;
  #worst: Comparison | null = null;
  #ratio = -1;

  constructor(id: IdentityId) {
    this.id = id;
  }

  /**
   * `roundings`: how many operations in 32 bits lie between the terms and the number. Their errors add
   * up to at most `roundings` x 2^-24 of the size of the terms, which is what is allowed (Higham 2002,
   * "Accuracy and Stability of Numerical Algorithms", section 4.2); without any, the numbers are equal.
   * `vanishing`: so small that it may be told as 0.
   */
  compare(
    error: number,
    size: number,
    roundings: number,
    subject: () => Subject,
    vanishing = 0,
  ): void {
    this.#compared += 1;
    const allowed = roundings * unitRoundoff * size + vanishing;
    const off = Math.abs(error);
    // What is no number has failed as well.
    const holds = off <= allowed;
    if (!holds) this.#failed += 1;
    const ratio = holds ? (allowed > 0 ? off / allowed : 0) : off / allowed || Infinity;
    if (ratio < this.#ratio) return;
    // Of those that are equally near, the largest numbers say most.
    if (ratio === this.#ratio && this.#worst && size <= this.#worst.size) return;
    this.#ratio = ratio;
    this.#worst = { subject: subject(), error: off, size, allowed };
  }

  get finding(): Finding {
    return { id: this.id, compared: this.#compared, failed: this.#failed, worst: this.#worst };
  }
}

export type Tallies = Readonly<Record<IdentityId, Tally>>;

export const newTallies = (): Tallies =>
  Object.fromEntries(identityIds.map((id) => [id, new Tally(id)])) as Record<IdentityId, Tally>;

/** An activation of the run by its name. */
export type Trace = (name: string) => Values;

export type Check = Generator<void, void>;

/** One operation rounds once; another may be fused with it or with the one before. */
const ofOneOperation = 2;

/** Whether `sum` is `left` plus `right`, number by number; without `right`, whether both are the same. */
export function* checkSum(
  tally: Tally,
  name: string,
  sum: Values,
  left: Values,
  right: Values | null,
): Check {
  const [rows = 1, width = 1] = sum.dims;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      const [a, b] = [left.data[at]!, right ? right.data[at]! : 0];
      tally.compare(
        sum.data[at]! - (a + b),
        Math.abs(a) + Math.abs(b),
        right ? ofOneOperation : 0,
        () => ({ name, index: [row, column] }),
      );
    }
    yield;
  }
}

function largestAt(data: ArrayLike<number>, start: number, end: number): number {
  let largest = start;
  for (let at = start + 1; at < end; at += 1) {
    if (Math.abs(data[at]!) > Math.abs(data[largest]!)) largest = at;
  }
  return largest - start;
}

/**
 * Whether each row of `normalized` has mean 0, and the variance v / (v + epsilon) where v is that of the
 * row of `stream` that it was made from.
 */
export function* checkNorm(
  mean: Tally,
  variance: Tally,
  name: string,
  normalized: Values,
  stream: Values,
  epsilon: number,
): Check {
  const [rows = 1, width = 1] = normalized.dims;
  for (let row = 0; row < rows; row += 1) {
    const start = row * width;
    let [sum, sizes, own] = [0, 0, 0];
    for (let at = start; at < start + width; at += 1) {
      sum += stream.data[at]!;
      sizes += Math.abs(stream.data[at]!);
      own += normalized.data[at]!;
    }
    const center = sum / width;
    let [spread, squares, ownSpread] = [0, 0, 0];
    for (let at = start; at < start + width; at += 1) {
      const value = stream.data[at]!;
      spread += (value - center) ** 2;
      squares += value ** 2;
      ownSpread += (normalized.data[at]! - own / width) ** 2;
    }
    const v = spread / width;
    const scale = Math.sqrt(v + epsilon);
    const subject = () => ({
      name,
      index: [row, largestAt(normalized.data, start, start + width)],
    });
    // The mean was added up from numbers of the stream; its error arrives here divided by the scale.
    mean.compare(own / width, sizes / width / scale, width, subject);
    const size = squares / width / (v + epsilon);
    variance.compare(ownSpread / width - v / (v + epsilon), size, width + 4, subject);
    yield;
  }
}

/** The exponential and the division, in units of the last place. */
const ofAnExponential = 8;

/**
 * About e^-86: beyond this exponent the model's exponential is 0, for with 32 bits there are no normal
 * numbers much smaller.
 */
const vanishingWeight = 2 ** -124;

/** Rows of attention: no weight ahead of the query, the softmax of the scores, a sum of 1. */
export function* checkPattern(
  tallies: Pick<Tallies, 'causal' | 'softmax' | 'rowSum'>,
  name: string,
  pattern: Values,
  scores: Values,
): Check {
  const [heads = 1, tokens = 1] = pattern.dims;
  const exponentials = new Float64Array(tokens);
  for (let head = 0; head < heads; head += 1) {
    for (let query = 0; query < tokens; query += 1) {
      const start = (head * tokens + query) * tokens;
      let largest = -Infinity;
      for (let key = 0; key <= query; key += 1) {
        largest = Math.max(largest, scores.data[start + key]!);
      }
      let [total, sum] = [0, 0];
      for (let key = 0; key <= query; key += 1) {
        exponentials[key] = Math.exp(scores.data[start + key]! - largest);
        total += exponentials[key]!;
        sum += pattern.data[start + key]!;
      }
      for (let key = 0; key < tokens; key += 1) {
        const weight = pattern.data[start + key]!;
        const subject = () => ({ name, index: [head, query, key] });
        if (key > query) {
          tallies.causal.compare(weight, 0, 0, subject);
          continue;
        }
        // Rounding what is in the exponent by so much changes the exponential by as much of itself.
        const exponent = largest - scores.data[start + key]!;
        const roundings = query + 1 + ofAnExponential + exponent;
        const expected = exponentials[key]! / total;
        tallies.softmax.compare(weight - expected, expected, roundings, subject, vanishingWeight);
      }
      tallies.rowSum.compare(sum - 1, 1, query + 1 + ofAnExponential, () => ({
        name,
        index: [head, query, largestAt(pattern.data, start, start + query + 1)],
      }));
      yield;
    }
  }
}

/** Whether each head's mix is the sum of the values times their weights. */
export function* checkMix(
  tally: Tally,
  name: string,
  z: Values,
  pattern: Values,
  v: Values,
): Check {
  const [tokens = 1, heads = 1, width = 1] = z.dims;
  const sums = new Float64Array(width);
  const sizes = new Float64Array(width);
  for (let head = 0; head < heads; head += 1) {
    for (let query = 0; query < tokens; query += 1) {
      sums.fill(0);
      sizes.fill(0);
      for (let key = 0; key <= query; key += 1) {
        const weight = pattern.data[(head * tokens + query) * tokens + key]!;
        const from = (key * heads + head) * width;
        for (let d = 0; d < width; d += 1) {
          const product = weight * v.data[from + d]!;
          sums[d]! += product;
          sizes[d]! += Math.abs(product);
        }
      }
      const at = (query * heads + head) * width;
      for (let d = 0; d < width; d += 1) {
        tally.compare(z.data[at + d]! - sums[d]!, sizes[d]!, query + 2, () => ({
          name,
          index: [query, head, d],
        }));
      }
      yield;
    }
  }
}

/** Whether what the heads add one by one, and the bias, are what attention adds. */
export function* checkHeads(
  tally: Tally,
  name: string,
  output: Values,
  result: Values,
  bias: Values,
): Check {
  const [tokens = 1, heads = 1, width = 1] = result.dims;
  for (let row = 0; row < tokens; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let sum = bias.data[column]!;
      let size = Math.abs(sum);
      for (let head = 0; head < heads; head += 1) {
        const part = result.data[(row * heads + head) * width + column]!;
        sum += part;
        size += Math.abs(part);
      }
      tally.compare(output.data[row * width + column]! - sum, size, heads + 1, () => ({
        name,
        index: [row, column],
      }));
    }
    yield;
  }
}

/** Whether the probabilities of the whole vocabulary are 1 together. */
export function checkProbabilities(
  tally: Tally,
  probabilities: Float32Array,
  position: number,
): void {
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  const best = largestAt(probabilities, 0, probabilities.length);
  // They are worked out with 64 bits, and each is rounded once.
  tally.compare(sum - 1, 1, ofOneOperation, () => ({
    name: 'probabilities',
    index: [position, best],
  }));
}

/** Whether what every part of the model adds to a logit is the logit. */
export function checkAttribution(
  tally: Tally,
  {
    value,
    terms,
    position,
    token,
  }: {
    value: number;
    terms: readonly { readonly value: number }[];
    position: number;
    token: number;
  },
  width: number,
): void {
  const sum = terms.reduce((total, term) => total + term.value, 0);
  const size = terms.reduce((total, term) => total + Math.abs(term.value), 0);
  // Each term was itself added up from products, as many as the stream is wide.
  tally.compare(value - sum, size, width, () => ({ name: 'logits', index: [position, token] }));
}

/** The index of a number that stands at a place of the tensor's data. */
export function indexAt(dims: readonly number[], place: number): number[] {
  const index = dims.map(() => 0);
  let rest = place;
  for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
    index[axis] = rest % dims[axis]!;
    rest = Math.floor(rest / dims[axis]!);
  }
  return index;
}

/** Numbers that one check between two pauses compares. */
const atATime = 4096;

/**
 * Whether two runs of the same text have the same numbers, to the last bit. `firstRow`: the position of the
 * first row, where there are not all.
 */
export function* checkEqual(
  tally: Tally,
  name: string,
  left: Values,
  right: Values,
  firstRow = 0,
): Check {
  const subjectAt = (place: number): Subject => {
    const [row = 0, ...rest] = indexAt(left.dims, place);
    return { name, index: [row + firstRow, ...rest] };
  };
  for (let start = 0; start < left.data.length; start += atATime) {
    const end = Math.min(left.data.length, start + atATime);
    for (let at = start; at < end; at += 1) {
      const [a, b] = [left.data[at]!, right.data[at]!];
      // Of two that are -infinity the difference is no number, and what is allowed would be none.
      const size = Number.isFinite(a) ? Math.abs(a) : 0;
      tally.compare(a === b ? 0 : a - b, size, 0, () => subjectAt(at));
    }
    yield;
  }
}

/** What a block's checks read. */
export const blockTensors = (block: number): string[] =>
  [
    'hook_resid_pre',
    'ln1.hook_normalized',
    'attn.hook_v',
    'attn.hook_attn_scores',
    'attn.hook_pattern',
    'attn.hook_z',
    'hook_attn_out',
    'hook_resid_mid',
    'ln2.hook_normalized',
    'hook_mlp_out',
    'hook_resid_post',
  ].map((within) => `blocks.${block}.${within}`);

/** All checks of a block, but for those that need what is made on request. `next`: the block after it. */
export function* checkBlock(
  tallies: Tallies,
  trace: Trace,
  block: number,
  { epsilon, blocks }: { epsilon: number; blocks: number },
): Check {
  const name = (within: string) => `blocks.${block}.${within}`;
  const of = (within: string) => trace(name(within));
  const [before, middle, after] = (['pre', 'mid', 'post'] as const).map((at) =>
    of(`hook_resid_${at}`),
  ) as [Values, Values, Values];
  for (const [norm, stream] of [
    ['ln1', before],
    ['ln2', middle],
  ] as const) {
    const normalized = `${norm}.hook_normalized`;
    yield* checkNorm(
      tallies.normMean,
      tallies.normVariance,
      name(normalized),
      of(normalized),
      stream,
      epsilon,
    );
  }
  const pattern = of('attn.hook_pattern');
  yield* checkPattern(tallies, name('attn.hook_pattern'), pattern, of('attn.hook_attn_scores'));
  yield* checkMix(tallies.mix, name('attn.hook_z'), of('attn.hook_z'), pattern, of('attn.hook_v'));
  const added = [
    [tallies.attentionAdded, 'hook_resid_mid', middle, before, of('hook_attn_out')],
    [tallies.mlpAdded, 'hook_resid_post', after, middle, of('hook_mlp_out')],
  ] as const;
  for (const [tally, sum, ...vectors] of added) yield* checkSum(tally, name(sum), ...vectors);
  if (block + 1 < blocks) {
    const next = `blocks.${block + 1}.hook_resid_pre`;
    yield* checkSum(tallies.handedOn, next, trace(next), after, null);
  }
}
