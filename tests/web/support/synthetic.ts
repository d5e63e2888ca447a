import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Shape {
  n_layer: number;
  n_head: number;
  n_embd: number;
  n_inner?: number;
  n_positions: number;
  vocab_size: number;
  activation_function?: 'relu' | 'gelu';
  scale_attn_weights?: false;
  scale_attn_by_inverse_layer_idx?: true;
  tie_word_embeddings?: false;
}
const models: string = '../../../tools/bench/model/synthetic_model.mjs';
const shapes: string = '../../../tools/bench/model/shape.mjs';
const { writeSyntheticModel } = (await import(models)) as {
  writeSyntheticModel: (folder: string, options: { config: object }) => Promise<void>;
};
const { config: gpt2 } = (await import(shapes)) as { config: object };

/** Fewer tokens than there are bytes: the first letters, and the end of a text. */
function fewTokens(size: number): Record<string, string> {
  const letters = Array.from({ length: size - 1 }, (_, id) => String.fromCharCode(97 + id));
  const ids = Object.fromEntries([...letters, '<|endoftext|>'].map((token, id) => [token, id]));
  return { 'vocab.json': JSON.stringify(ids), 'merges.txt': '#version: 0.2\n' };
}

/** The files of a model of any shape, by name. Its weights are random, and most of its tokens a letter each. */
export async function syntheticFiles(shape: Shape): Promise<Map<string, Uint8Array>> {
  const last = shape.vocab_size - 1;
  const config = {
    ...gpt2,
    ...shape,
    n_ctx: shape.n_positions,
    bos_token_id: last,
    eos_token_id: last,
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'glassformer-shape-'));
  try {
    await writeSyntheticModel(folder, { config });
    const read = (name: string) => new Uint8Array(readFileSync(path.join(folder, name)));
    const files = new Map(readdirSync(folder).map((name) => [name, read(name)]));
    const instead = shape.vocab_size < 26 ? fewTokens(shape.vocab_size) : {};
    for (const [name, text] of Object.entries(instead)) files.set(name, Buffer.from(text));
    return files;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
