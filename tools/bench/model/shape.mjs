// GPT-2 small: its dimensions, and the tensors that a checkpoint of it stores.

export const config = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  activation_function: 'gelu_new',
  n_layer: 12,
  n_head: 12,
  n_embd: 768,
  n_positions: 1024,
  n_ctx: 1024,
  n_inner: null,
  vocab_size: 50257,
  layer_norm_epsilon: 1e-5,
  bos_token_id: 50256,
  eos_token_id: 50256,
  tie_word_embeddings: true,
};

/**
 * Name, dims and distribution (mean, deviation) of every tensor, in the order of the file. The
 * deviations are GPT-2's initial ones (Radford et al. 2019, section 2.3: projections back to the
 * residual stream are divided by the root of their number); biases and layer norms vary, so that a
 * peer that ignored one of them would be found out.
 */
export function tensorsOf({ tie_word_embeddings: isTied = true, ...shape }) {
  const { n_layer, n_embd: C, n_inner, n_positions, vocab_size: V } = shape;
  const F = n_inner ?? 4 * C;
  const weight = (name, dims, deviation = 0.02) => ({ name, dims, mean: 0, deviation });
  const norm = (name) => [
    { name: `${name}.weight`, dims: [C], mean: 1, deviation: 0.1 },
    weight(`${name}.bias`, [C]),
  ];
  const linear = (name, from, to, deviation) => [
    weight(`${name}.weight`, [from, to], deviation),
    weight(`${name}.bias`, [to]),
  ];
  const toResidual = 0.02 / Math.sqrt(2 * n_layer);
  const block = (i) => [
    ...norm(`h.${i}.ln_1`),
    ...linear(`h.${i}.attn.c_attn`, C, 3 * C),
    ...linear(`h.${i}.attn.c_proj`, C, C, toResidual),
    ...norm(`h.${i}.ln_2`),
    ...linear(`h.${i}.mlp.c_fc`, C, F),
    ...linear(`h.${i}.mlp.c_proj`, F, C, toResidual),
  ];
  return [
    weight('wte.weight', [V, C]),
    weight('wpe.weight', [n_positions, C], 0.01),
    ...Array.from({ length: n_layer }, (_, i) => block(i)).flat(),
    ...norm('ln_f'),
    ...(isTied ? [] : [weight('lm_head.weight', [V, C])]),
  ];
}

export const sizeOf = (dims) => dims.reduce((product, size) => product * size, 1);
