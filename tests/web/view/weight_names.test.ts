import { describe, expect, test } from 'vitest';
import { lensNamesOf, weightsOf } from '../../../web/src/view/weight_names.ts';

describe("TransformerLens's names", () => {
  test.each([
    ['wte.weight', ['embed.W_E']],
    ['wpe.weight', ['pos_embed.W_pos']],
    ['lm_head.weight', ['unembed.W_U']],
    ['h.11.ln_1.weight', ['blocks.11.ln1.w']],
    ['h.11.attn.c_attn.bias', ['blocks.11.attn.b_Q', 'blocks.11.attn.b_K', 'blocks.11.attn.b_V']],
    ['h.0.attn.c_proj.weight', ['blocks.0.attn.W_O']],
    ['h.0.mlp.c_fc.weight', ['blocks.0.mlp.W_in']],
    ['h.0.mlp.c_proj.bias', ['blocks.0.mlp.b_out']],
    ['ln_f.bias', ['ln_final.b']],
  ])('%s: %j', (weight, names) => expect(lensNamesOf(weight)).toEqual(names));

  test('are for weights alone', () => {
    expect(lensNamesOf('blocks.0.hook_resid_pre')).toEqual([]);
    expect(lensNamesOf('hook_embed')).toEqual([]);
  });
});

describe('the weights that make an activation', () => {
  const said = (name: string, isTied = true) =>
    weightsOf(name, isTied).map((each) => `${each.name} ${each.symbol}`);

  test('are a matrix and its bias', () => {
    expect(said('blocks.0.mlp.hook_pre')).toEqual([
      'h.0.mlp.c_fc.weight W_in',
      'h.0.mlp.c_fc.bias b_in',
    ]);
    expect(said('blocks.7.attn.hook_k')).toEqual([
      'h.7.attn.c_attn.weight W_K',
      'h.7.attn.c_attn.bias b_K',
    ]);
    expect(said('hook_embed')).toEqual(['wte.weight W_E']);
  });

  test('of a logit are the embedding once more, or a matrix of its own', () => {
    expect(said('logits')).toEqual(['wte.weight W_U']);
    expect(said('logits', false)).toEqual(['lm_head.weight W_U']);
  });

  test.each(['blocks.0.hook_resid_mid', 'blocks.0.attn.hook_pattern', 'probabilities'])(
    'are none of %s',
    (name) => expect(said(name)).toEqual([]),
  );
});
