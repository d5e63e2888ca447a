// Writes a GPT-2 small whose weights are random, as a Hugging Face folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bytesOf, writeFileStreaming } from './files.mjs';
import { fillNormal, randomBits } from './random.mjs';
import { safetensorsHeader } from './safetensors.mjs';
import { config as gpt2Small, sizeOf, tensorsOf } from './shape.mjs';
import { merges, spellingsOf } from './vocabulary.mjs';

const chunkSize = 1 << 20;

/** The numbers of the tensor at `index` of `tensorsOf`, a chunk at a time. */
export function* tensorChunks({ dims, mean, deviation }, index, seed) {
  const next = randomBits(Math.imul(seed, 1000003) + index);
  const size = sizeOf(dims);
  for (let done = 0; done < size; done += chunkSize) {
    // A new array each time: the stream still holds the last one.
    const chunk = new Float32Array(Math.min(chunkSize, size - done));
    fillNormal(chunk, next, { mean, deviation });
    yield chunk;
  }
}

/** Writes config.json, model.safetensors, vocab.json and merges.txt into `folder`. */
export async function writeSyntheticModel(folder, { seed = 1, config = gpt2Small } = {}) {
  mkdirSync(folder, { recursive: true });
  const spellings = spellingsOf(config.vocab_size);
  const vocabulary = Object.fromEntries(spellings.map((spelling, id) => [spelling, id]));
  writeFileSync(path.join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(vocabulary));
  writeFileSync(path.join(folder, 'merges.txt'), ['#version: 0.2', ...merges, ''].join('\n'));
  const tensors = tensorsOf(config);
  await writeFileStreaming(path.join(folder, 'model.safetensors'), async (write) => {
    await write(safetensorsHeader(tensors));
    for (const [index, tensor] of tensors.entries()) {
      for (const chunk of tensorChunks(tensor, index, seed)) await write(bytesOf(chunk));
    }
  });
}
