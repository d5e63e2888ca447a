import type { ModelConfig } from 'glassformer';
import { expect, test } from 'vitest';
import { operationIds } from '../../../web/src/view/operations.ts';
import { wayOf } from '../../../web/src/view/ways.ts';

const gpt2: Parameters<typeof wayOf>[1] = {
  activation_function: 'gelu_new',
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
};

test('GPT-2 goes its own way everywhere, and so does a model that is not there yet', () => {
  for (const id of operationIds) {
    expect(wayOf(id, gpt2)).toBe(null);
    expect(wayOf(id, null)).toBe(null);
  }
});

test.each<[Partial<ModelConfig>, ReturnType<typeof wayOf>[]]>([
  [{ activation_function: 'relu' }, ['relu']],
  [{ activation_function: 'gelu' }, ['exactGelu']],
  [{ scale_attn_weights: false }, ['unscaled']],
  [{ scale_attn_by_inverse_layer_idx: true }, ['scaledTwice']],
  [{ scale_attn_weights: false, scale_attn_by_inverse_layer_idx: true }, ['scaledByBlock']],
  [{ tie_word_embeddings: false }, ['untied']],
  [{ tie_word_embeddings: false, activation_function: 'relu' }, ['relu', 'untied']],
])('a model with %j goes another way', (choice, ways) => {
  const taken = operationIds.map((id) => wayOf(id, { ...gpt2, ...choice }));
  expect(taken.filter((way) => way !== null)).toEqual(ways);
});
