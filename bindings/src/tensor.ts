import { GlassformerError } from './errors.ts';
import { toCSV, toNpy, toSafetensors } from './tensor_formats.ts';
import type { AxisSlice, NestedNumbers, Tensor, TensorJSON, TensorRecord } from './types.ts';

export class DenseTensor implements Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly strides: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;

  constructor(name: string, dims: readonly number[], data: Float32Array<ArrayBuffer>) {
    this.name = name;
    this.dims = dims;
    this.strides = dims.map((_, axis) => product(dims.slice(axis + 1)));
    this.data = data;
  }

  get size(): number {
    return this.data.length;
  }

  at(...index: number[]): number {
    this.#requireAxes(index, (count) => count === this.dims.length);
    return this.data[
      index.reduce((place, i, axis) => place + this.#index(axis, i) * this.strides[axis]!, 0)
    ]!;
  }

  slice(...parts: AxisSlice[]): Tensor {
    this.#requireAxes(parts, (count) => count <= this.dims.length);
    const ranges = this.dims.map((size, axis) => this.#range(axis, parts[axis], size));
    const kept = ranges.filter((_, axis) => typeof parts[axis] !== 'number');
    const data = new Float32Array(product(ranges.map(([begin, end]) => end - begin)));
    let next = 0;
    const copy = (axis: number, place: number) => {
      if (axis === ranges.length) {
        data[next++] = this.data[place]!;
        return;
      }
      const [begin, end] = ranges[axis]!;
      for (let i = begin; i < end; ++i) copy(axis + 1, place + i * this.strides[axis]!);
    };
    copy(0, 0);
    const dims = kept.map(([begin, end]) => end - begin);
    return new DenseTensor(`${this.name}[${parts.map(written).join(', ')}]`, dims, data);
  }

  *rows(): Generator<Float32Array, void, void> {
    const width = this.dims.at(-1) ?? 1;
    for (let begin = 0; begin < this.data.length; begin += width) {
      yield this.data.subarray(begin, begin + width);
    }
  }

  toNested(): NestedNumbers {
    const nested = (axis: number, place: number): NestedNumbers =>
      axis === this.dims.length
        ? this.data[place]!
        : Array.from({ length: this.dims[axis]! }, (_, i) =>
            nested(axis + 1, place + i * this.strides[axis]!),
          );
    return nested(0, 0);
  }

  toRecords(axes: readonly string[] = ['i', 'j', 'k']): TensorRecord[] {
    if (axes.length < this.dims.length) {
      throw new GlassformerError(
        'bad-option',
        `${this.name} has ${this.dims.length} axes, but ${axes.length} names were given for them`,
      );
    }
    return Array.from(this.data, (value, place) => {
      const record: TensorRecord = {};
      for (const [axis, size] of this.dims.entries()) {
        record[axes[axis]!] = Math.floor(place / this.strides[axis]!) % size;
      }
      return { ...record, value };
    });
  }

  toJSON(): TensorJSON {
    return { name: this.name, dims: this.dims, data: Array.from(this.data) };
  }

  toCSV(): string {
    return toCSV(this);
  }
  toNpy(): Uint8Array<ArrayBuffer> {
    return toNpy(this);
  }
  toSafetensors(): Uint8Array<ArrayBuffer> {
    return toSafetensors([this]);
  }

  #requireAxes(given: readonly unknown[], fits: (count: number) => boolean) {
    if (fits(given.length)) return;
    throw new GlassformerError(
      'bad-option',
      `${this.name} has ${this.dims.length} axes, [${this.dims}]: it takes as many indices, ` +
        `not ${given.length}`,
    );
  }

  #index(axis: number, given: number): number {
    const size = this.dims[axis]!;
    const i = given < 0 ? given + size : given;
    if (Number.isInteger(i) && i >= 0 && i < size) return i;
    throw new GlassformerError(
      'bad-option',
      `Index ${given} is outside axis ${axis} of ${this.name}, which has ${size} entries`,
    );
  }

  #range(axis: number, part: AxisSlice, size: number): readonly [number, number] {
    if (part === null || part === undefined) return [0, size];
    if (typeof part === 'number') {
      const i = this.#index(axis, part);
      return [i, i + 1];
    }
    const [from = 0, to = size] = part;
    const begin = from < 0 ? from + size : from;
    const end = to < 0 ? to + size : to;
    if ([begin, end].every(Number.isInteger) && 0 <= begin && begin <= end && end <= size) {
      return [begin, end];
    }
    throw new GlassformerError(
      'bad-option',
      `The range [${from}, ${to}] is outside axis ${axis} of ${this.name}, which has ${size} entries`,
    );
  }
}

/**
 * Numbers of your own as a tensor, which is sliced, saved and given to edits as the model's are: a row
 * that was taken from an explanation, a direction between two means. They are copied.
 */
export function tensor(name: string, dims: readonly number[], data: ArrayLike<number>): Tensor {
  if (dims.every((size) => Number.isInteger(size) && size >= 0) && product(dims) === data.length) {
    return new DenseTensor(name, [...dims], Float32Array.from(data));
  }
  throw new GlassformerError(
    'bad-option',
    `${name} has dimensions [${dims.join(', ')}], which ${data.length} numbers do not fill`,
  );
}

const product = (numbers: readonly number[]) => numbers.reduce((all, number) => all * number, 1);

function written(part: AxisSlice): string {
  if (part === null || part === undefined) return ':';
  return typeof part === 'number' ? String(part) : `${part[0] ?? ''}:${part[1] ?? ''}`;
}
