// Functions of the caller's that a run calls.
import type { RequestedHook } from './engine.ts';
import { GlassformerError } from './errors.ts';
import type { CoreHook, HeapTensor } from './glassformer.mjs';
import { DenseTensor } from './tensor.ts';
import type { ActivationName, Hook } from './types.ts';

/** Hooks as core calls them. What they throw must not pass through core: it waits for `rethrow`. */
export class CalledHooks {
  readonly forCore: readonly CoreHook[];
  #failure: { error: unknown } | null = null;

  constructor(hooks: readonly RequestedHook[]) {
    this.forCore = hooks.map(({ names, call }) => ({
      names,
      call: (tensor) => this.#call(call, tensor),
    }));
  }

  rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #call(hook: Hook, { name, dims, data }: HeapTensor): Float32Array | undefined {
    if (this.#failure) return undefined;
    try {
      const tensor = new DenseTensor(name, dims, data.slice() as Float32Array<ArrayBuffer>);
      return replacementOf(hook(tensor, name as ActivationName), name, data.length);
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }
}

function replacementOf(result: unknown, name: string, size: number): Float32Array | undefined {
  if (result === undefined || result === null) return undefined;
  const data = result instanceof Float32Array ? result : (result as { data?: unknown }).data;
  if (data instanceof Float32Array && data.length === size) return data;
  const given = data instanceof Float32Array ? `${data.length} numbers` : String(result);
  throw new GlassformerError(
    'bad-edit',
    `The hook of ${name} returned ${given}: its replacement is a tensor of ${size} numbers`,
  );
}
