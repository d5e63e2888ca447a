// Each is a whole module with one function that uses one instruction: a few bytes that tell
// what the engine understands, without compiling anything.
const header = [0, 97, 115, 109, 1, 0, 0, 0];
/** `() -> v128`, one function, whose body is the given code. */
const moduleOf = (...code: number[]) =>
  new Uint8Array([
    ...header,
    ...[1, 5, 1, 96, 0, 1, 123],
    ...[3, 2, 1, 0],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 11],
  ]);

/** i32.const 0; i8x16.splat */
export const hasSimd = (): boolean => WebAssembly.validate(moduleOf(65, 0, 253, 15));

/** v128 zeros three times; f32x4.relaxed_madd */
export const hasRelaxedSimd = (): boolean => {
  const zeros = [65, 0, 253, 15];
  return WebAssembly.validate(moduleOf(...zeros, ...zeros, ...zeros, 253, 133, 2));
};
