import type { Explorer } from './explorer.svelte.ts';

/** The token that a place on an axis of an activation means: a position, or one of the vocabulary. */
export function bytesOnAxis(explorer: Explorer, axis: string, number: number): Uint8Array | null {
  const tokenizer = explorer.models.current?.model.tokenizer;
  if (axis === 'v') return tokenizer?.decodeBytes([number]) ?? null;
  return axis === 't' || axis === 's' ? (explorer.run?.tokens[number] ?? null) : null;
}
