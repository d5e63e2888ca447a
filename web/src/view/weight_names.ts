/**
 * Weights by the names that TransformerLens gives them. It splits what the file keeps in one matrix
 * (`attn.c_attn`: W_Q, W_K, W_V side by side), and gives attention's matrices an axis for the heads.
 */
import { withinBlock } from './explanation.ts';

/** Of each weight within its block: where TransformerLens has it, and the names there. */
const within: Readonly<Record<string, readonly [place: string, ...names: string[]]>> = {
  'wte.weight': ['embed', 'W_E'],
  'wpe.weight': ['pos_embed', 'W_pos'],
  'lm_head.weight': ['unembed', 'W_U'],
  'ln_1.weight': ['ln1', 'w'],
  'ln_1.bias': ['ln1', 'b'],
  'attn.c_attn.weight': ['attn', 'W_Q', 'W_K', 'W_V'],
  'attn.c_attn.bias': ['attn', 'b_Q', 'b_K', 'b_V'],
  'attn.c_proj.weight': ['attn', 'W_O'],
  'attn.c_proj.bias': ['attn', 'b_O'],
  'ln_2.weight': ['ln2', 'w'],
  'ln_2.bias': ['ln2', 'b'],
  'mlp.c_fc.weight': ['mlp', 'W_in'],
  'mlp.c_fc.bias': ['mlp', 'b_in'],
  'mlp.c_proj.weight': ['mlp', 'W_out'],
  'mlp.c_proj.bias': ['mlp', 'b_out'],
  'ln_f.weight': ['ln_final', 'w'],
  'ln_f.bias': ['ln_final', 'b'],
};

/** `blocks.2.mlp.W_in` of `h.2.mlp.c_fc.weight`; several of what it splits; none of what is no weight. */
export function lensNamesOf(weight: string): string[] {
  const block = /^h\.(\d+)\./.exec(weight);
  const known = within[weight.slice(block?.[0].length ?? 0)];
  if (!known) return [];
  const [place, ...names] = known;
  return names.map((name) => `${block ? `blocks.${block[1]}.` : ''}${place}.${name}`);
}

/** The weights that make an activation, and which of their TransformerLens names they are there. */
const makers: Readonly<Record<string, readonly (readonly [weight: string, name: number])[]>> = {
  hook_embed: [['wte.weight', 0]],
  hook_pos_embed: [['wpe.weight', 0]],
  'attn.hook_q': [
    ['attn.c_attn.weight', 0],
    ['attn.c_attn.bias', 0],
  ],
  'attn.hook_k': [
    ['attn.c_attn.weight', 1],
    ['attn.c_attn.bias', 1],
  ],
  'attn.hook_v': [
    ['attn.c_attn.weight', 2],
    ['attn.c_attn.bias', 2],
  ],
  'attn.hook_result': [['attn.c_proj.weight', 0]],
  hook_attn_out: [
    ['attn.c_proj.weight', 0],
    ['attn.c_proj.bias', 0],
  ],
  'mlp.hook_pre': [
    ['mlp.c_fc.weight', 0],
    ['mlp.c_fc.bias', 0],
  ],
  hook_mlp_out: [
    ['mlp.c_proj.weight', 0],
    ['mlp.c_proj.bias', 0],
  ],
};

export interface WeightName {
  /** In the file. */
  readonly name: string;
  /** As TransformerLens calls it, without its place. */
  readonly symbol: string;
}

export function weightsOf(activation: string, isTied: boolean): WeightName[] {
  if (activation === 'logits')
    return [{ name: isTied ? 'wte.weight' : 'lm_head.weight', symbol: 'W_U' }];
  const block = /^blocks\.(\d+)\./.exec(activation);
  return (makers[withinBlock(activation)] ?? []).map(([weight, place]) => {
    const name = block ? `h.${block[1]}.${weight}` : weight;
    return { name, symbol: lensNamesOf(name)[place]!.split('.').at(-1)! };
  });
}
