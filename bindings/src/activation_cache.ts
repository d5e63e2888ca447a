import { GlassformerError } from './errors.ts';
import { toNpz, toSafetensors } from './tensor_formats.ts';
import type { ActivationCache, Tensor } from './types.ts';

export class CapturedActivations implements ActivationCache {
  readonly #tensors: Map<string, Tensor>;

  readonly #fullName: (name: string) => string;

  /** `fullName` knows what short names stand for. */
  constructor(tensors: Iterable<Tensor>, fullName: (name: string) => string) {
    this.#fullName = fullName;
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
    const tensor = this.#find(name);
    if (tensor) return tensor;
    const some = this.names().slice(0, 3).join(', ');
    throw new GlassformerError(
      'bad-name',
      `"${name}" was not captured in this run` + (some ? `, which has ${some} ...` : ''),
    );
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  #find(name: string): Tensor | undefined {
    return this.#tensors.get(name) ?? this.#tensors.get(this.#fullName(String(name)));
  }

  toNpz(): Uint8Array<ArrayBuffer> {
    return toNpz(this.#tensors.values());
  }

  toSafetensors(): Uint8Array<ArrayBuffer> {
    return toSafetensors(this.#tensors.values());
  }

  names(): string[] {
    return [...this.#tensors.keys()];
  }

  [Symbol.iterator](): Iterator<readonly [string, Tensor]> {
    return this.#tensors.entries();
  }
}
