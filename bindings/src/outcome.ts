// What comes back from the module -> values and GlassformerErrors.
import { GlassformerError } from './errors.ts';
import type { Outcome } from './glassformer.mjs';

export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.error) throw new GlassformerError(outcome.error.code, outcome.error.message);
  return outcome.value;
}

/** What a call into the module threw, as an error of ours where the module has broken. */
export function asGlassformerError(error: unknown): unknown {
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  return new GlassformerError(
    'internal',
    `The model stopped unexpectedly (${error.message}); load it again`,
    { cause: error },
  );
}
