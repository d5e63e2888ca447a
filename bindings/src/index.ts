/**
 * A transformer you can see through: GPT-2 in WebAssembly, every activation readable.
 *
 * @packageDocumentation
 */
export { GlassformerError, type GlassformerErrorCode } from './errors.ts';
export { load } from './load.ts';
export { tensor } from './tensor.ts';
export type * from './types.ts';
