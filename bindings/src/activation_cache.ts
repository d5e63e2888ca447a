import { GlassformerError } from './errors.ts';
import type { ActivationCache, Tensor } from './types.ts';

export class CapturedActivations implements ActivationCache {
  readonly #tensors: Map<string, Tensor>;

  constructor(tensors: Iterable<Tensor>) {
    this.#tensors = new Map(Array.from(tensors, (tensor) => [tensor.name, tensor]));
  }

  get size(): number {
    return this.#tensors.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { data } of this.#tensors.values()) bytes += data.byteLength;
    return bytes;
  }

  get(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor) return tensor;
    const some = this.names().slice(0, 3).join(', ');
    throw new GlassformerError(
      'bad-name',
      `"${name}" was not captured in this run` + (some ? `, which has ${some} ...` : ''),
    );
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  names(): string[] {
    return [...this.#tensors.keys()];
  }

  [Symbol.iterator](): Iterator<readonly [string, Tensor]> {
    return this.#tensors.entries();
  }
}
