import { GlassformerError } from './errors.ts';
import type { Tensor } from './types.ts';

export class DenseTensor implements Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;

  constructor(name: string, dims: readonly number[], data: Float32Array) {
    this.name = name;
    this.dims = dims;
    this.data = data;
  }

  at(...index: number[]): number {
    if (index.length !== this.dims.length) {
      throw new GlassformerError(
        'bad-option',
        `${this.name} has ${this.dims.length} axes, [${this.dims}]: it takes as many indices, ` +
          `not ${index.length}`,
      );
    }
    let offset = 0;
    for (const [axis, size] of this.dims.entries()) {
      const given = index[axis]!;
      const i = given < 0 ? given + size : given;
      if (!(Number.isInteger(i) && i >= 0 && i < size)) {
        throw new GlassformerError(
          'bad-option',
          `Index ${given} is outside axis ${axis} of ${this.name}, which has ${size} entries`,
        );
      }
      offset = offset * size + i;
    }
    return this.data[offset]!;
  }
}
