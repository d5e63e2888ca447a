import { expect } from 'vitest';
import { GlassformerError, type GlassformerErrorCode } from 'glassformer';

/** That a promise rejects with this code and a message that matches. */
export async function expectError(
  promise: Promise<unknown>,
  code: GlassformerErrorCode,
  message: RegExp = /./,
): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, 'rejects with a GlassformerError').toBeInstanceOf(GlassformerError);
  expect((error as GlassformerError).code).toBe(code);
  expect((error as GlassformerError).message).toMatch(message);
  expect((error as GlassformerError).message).not.toMatch(/\n/);
}
