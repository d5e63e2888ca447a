/**
 * Why something failed. Codes are stable: tests and pages may branch on them, messages are for
 * people and may be reworded.
 *
 * - `bad-config`, `bad-tokenizer`, `bad-weights`: a model file is damaged, or not a GPT-2's
 * - `bad-tokens`: a token id outside the vocabulary, or no token at all
 * - `context-overflow`: more tokens than the model has positions for
 * - `bad-name`: an activation or weight name that matches nothing
 * - `bad-edit`, `bad-option`: an argument outside its range
 * - `bad-logits`: logits that are not numbers
 * - `bad-source`: a model source of no known form, or one that lacks a file
 * - `network`: a download failed; the message names the address and the status
 * - `io`: a file could not be read
 * - `out-of-memory`: a buffer could not be allocated
 * - `unsupported`: this environment lacks something that is needed (WebAssembly SIMD, workers)
 * - `disposed`: the model was used after {@link Model.dispose}, or disposed while it worked
 * - `internal`: a defect of this package
 */
export type GlassformerErrorCode =
  | 'bad-config'
  | 'bad-tokenizer'
  | 'bad-weights'
  | 'bad-tokens'
  | 'context-overflow'
  | 'bad-name'
  | 'bad-edit'
  | 'bad-option'
  | 'bad-logits'
  | 'bad-source'
  | 'network'
  | 'io'
  | 'out-of-memory'
  | 'unsupported'
  | 'disposed'
  | 'internal';

/**
 * What everything in this package throws or rejects with, with one exception: what an AbortSignal
 * stopped rejects with `signal.reason`, as `fetch` does (an `AbortError` unless you gave another).
 */
export class GlassformerError extends Error {
  override readonly name = 'GlassformerError';
  readonly code: GlassformerErrorCode;

  constructor(code: GlassformerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
