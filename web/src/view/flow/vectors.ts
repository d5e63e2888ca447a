/** Rows of activations: where a station's numbers of one position lie, and how many fit into a strip. */
import { significant } from '../numbers.ts';
import type { Station } from './stations.ts';

/** An activation as the package returns it; the last axis varies fastest. */
export interface Values {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** The numbers of one position: of a head where the station shows one head only. */
export function rowOf(
  station: Pick<Station, 'extent'>,
  values: Values,
  head: number,
  position: number,
): Float32Array {
  const { data, dims } = values;
  if (station.extent === 'tokens') {
    const [, queries = 0, keys = 0] = dims;
    const start = (head * queries + position) * keys;
    return data.subarray(start, start + position + 1);
  }
  const perPosition = data.length / (dims[0] ?? 1);
  if (station.extent === 'head') {
    const headWidth = dims[2] ?? 0;
    const start = position * perPosition + head * headWidth;
    return data.subarray(start, start + headWidth);
  }
  return data.subarray(position * perPosition, (position + 1) * perPosition);
}

/** The index of a number of a row in its tensor, as the package and the inspector name it. */
export function indexOf(
  station: Pick<Station, 'extent'>,
  values: Pick<Values, 'dims'>,
  head: number,
  position: number,
  component: number,
): number[] {
  if (station.extent === 'tokens') return [head, position, component];
  if (station.extent === 'head') return [position, head, component];
  const headWidth = values.dims.length === 3 ? values.dims[2]! : 0;
  if (headWidth === 0) return [position, component];
  return [position, Math.floor(component / headWidth), component % headWidth];
}

/** From `start` to before `end`, and at least at `start`: where the largest absolute value is. */
export function strongestBetween(row: ArrayLike<number>, start: number, end: number): number {
  let strongest = start;
  for (let i = start + 1; i < end; i += 1) {
    if (Math.abs(row[i]!) > Math.abs(row[strongest]!)) strongest = i;
  }
  return strongest;
}

/** The component that stands at `bin` of `bins`: the one with the largest absolute value there. */
export function strongestIn(row: ArrayLike<number>, bin: number, bins: number): number {
  const start = Math.floor((bin * row.length) / bins);
  return strongestBetween(row, start, Math.floor(((bin + 1) * row.length) / bins));
}

export const strongestOf = (row: ArrayLike<number>): number => strongestIn(row, 0, 1);

/** The largest absolute value; what is no finite number does not count. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i += 1) {
    const size = Math.abs(values[i]!);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}

/** The largest absolute value of the rows on screen, and where it is. */
export function largestShown(
  station: Pick<Station, 'extent'>,
  values: Values,
  head: number,
  { first, end }: { readonly first: number; readonly end: number },
): { size: number; position: number } {
  let largest = { size: 0, position: first };
  for (let position = first; position < end; position += 1) {
    const size = largestMagnitude(rowOf(station, values, head, position));
    if (size > largest.size) largest = { size, position };
  }
  return largest;
}

export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The population's standard deviation. */
  readonly deviation: number;
  /** Euclidean length. */
  readonly norm: number;
}

export function statisticsOf(row: ArrayLike<number>): Statistics {
  let [min, max, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    squares += value * value;
  }
  const mean = sum / row.length;
  let spread = 0;
  for (let i = 0; i < row.length; i += 1) spread += (row[i]! - mean) ** 2;
  const deviation = Math.sqrt(spread / row.length);
  return { count: row.length, min, max, mean, deviation, norm: Math.sqrt(squares) };
}

/** As they are printed beside what they are of. */
export const printedStatistics = ({ min, max, mean, deviation, norm }: Statistics) => ({
  min: significant(min, 3),
  max: significant(max, 3),
  mean: significant(mean, 3),
  deviation: significant(deviation, 3),
  norm: significant(norm, 4),
});
