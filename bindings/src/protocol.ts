// Messages between a page and its worker. Requests are numbered; each gets one reply, and notices
// before it. Errors cross as data, because structured cloning loses an error's class and code.
import type { Engine, Notice } from './engine.ts';
import { GlassformerError, type GlassformerErrorCode } from './errors.ts';

/** The engine's methods that a worker serves. */
export type Method = Exclude<keyof Engine, 'isWorker' | 'dispose'>;

export type ToWorker =
  | { type: 'start'; module: WebAssembly.Module; threads: number }
  | { type: 'call'; id: number; method: Method; args: unknown[]; notices: boolean }
  | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'started' }
  | { type: 'failed'; error: ErrorData }
  | { type: 'notice'; id: number; notice: Notice }
  | { type: 'reply'; id: number; value: unknown }
  | { type: 'reply'; id: number; error: ErrorData };

export interface ErrorData {
  code: GlassformerErrorCode | 'aborted';
  message: string;
}

export function errorToData(error: unknown): ErrorData {
  if (error instanceof GlassformerError) return { code: error.code, message: error.message };
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { code: 'aborted', message: error.message };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The memory of all typed arrays in a value, each once, to be moved and not copied. */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null && isPlain(value)) {
    for (const part of Object.values(value)) buffersIn(part, found);
  }
  return [...found];
}

const isPlain = (value: object) => Array.isArray(value) || value.constructor === Object;
