/** The vectors that an operation takes in and gives out, in the order in which a formula names them. */
import type { Subject } from './explanation.ts';
import type { Focus, Whereabouts } from './focus.ts';
import { blockOf } from './focus.ts';
import { type Extent, type Role, stations } from './flow/stations.ts';
import { withinBlock } from './explanation.ts';

export interface Part {
  /** What stands before it. */
  readonly sign: '' | '+' | '=' | '→' | '·';
  readonly name: string;
  /** An activation of the run, a weight of the model, or what a layer norm gives out (norm_output.ts). */
  readonly kind: 'activation' | 'weight' | 'norm';
  readonly extent: Extent;
  readonly role: Role;
  readonly position: number;
  readonly head: number;
}

/** Where one operation has two places in a block, the subject tells which. */
const second = (subject: Subject | null, name: string) =>
  subject !== null && withinBlock(subject.name).startsWith(name);

/** Its vectors at one position; empty for what is shown otherwise. */
export function partsOf(
  { operation, subject }: Focus,
  { block, head, query }: Whereabouts,
  blocks: number,
): Part[] {
  const part = (sign: Part['sign'], name: string, extent?: Extent): Part => {
    const known = stations.find(({ tensor }) => tensor === withinBlock(name));
    const role = known?.role ?? 'residual';
    const own = extent ?? known?.extent ?? 'width';
    return { sign, name, kind: 'activation', extent: own, role, position: query, head };
  };
  const weight = (sign: Part['sign'], name: string): Part => ({
    ...part(sign, name, 'width'),
    kind: 'weight',
  });
  const output = (sign: Part['sign'], norm: string): Part => ({
    ...part(sign, `${norm}.output`, 'width'),
    kind: 'norm',
  });
  const inBlock = (within: string) => `blocks.${block}.${within}`;
  switch (operation) {
    case 'embedding':
      return [
        part('', 'hook_embed'),
        part('+', 'hook_pos_embed'),
        part('=', 'blocks.0.hook_resid_pre'),
      ];
    case 'layerNorm': {
      const isSecond = second(subject, 'ln2');
      const norm = isSecond ? 'ln2' : 'ln1';
      const weights = isSecond ? 'ln_2' : 'ln_1';
      return [
        part('', inBlock(isSecond ? 'hook_resid_mid' : 'hook_resid_pre')),
        part('→', inBlock(`${norm}.hook_scale`)),
        part('→', inBlock(`${norm}.hook_normalized`)),
        weight('·', `h.${block}.${weights}.weight`),
        weight('+', `h.${block}.${weights}.bias`),
        output('=', inBlock(norm)),
      ];
    }
    case 'queryKeyValue':
      return [
        output('', inBlock('ln1')),
        weight('+', `h.${block}.attn.c_attn.bias`),
        part('→', inBlock('attn.hook_q')),
        part('→', inBlock('attn.hook_k')),
        part('→', inBlock('attn.hook_v')),
      ];
    case 'weightedSum':
      return [part('', inBlock('attn.hook_v')), part('→', inBlock('attn.hook_z'), 'head')];
    case 'concatenation':
      return [part('', inBlock('attn.hook_z'), 'width')];
    case 'outputProjection':
      return [
        part('', inBlock('attn.hook_z'), 'width'),
        weight('+', `h.${block}.attn.c_proj.bias`),
        part('→', inBlock('hook_attn_out')),
      ];
    case 'residual': {
      const leaves = second(subject, 'hook_resid_post');
      const enters = second(subject, 'hook_resid_pre') && block > 0;
      const of = enters ? block - 1 : block;
      const within = (name: string) => `blocks.${of}.${name}`;
      return leaves || enters
        ? [
            part('', within('hook_resid_mid')),
            part('+', within('hook_mlp_out')),
            part('=', within('hook_resid_post')),
          ]
        : [
            part('', within('hook_resid_pre')),
            part('+', within('hook_attn_out')),
            part('=', within('hook_resid_mid')),
          ];
    }
    case 'mlpUp':
      return [
        output('', inBlock('ln2')),
        weight('+', `h.${block}.mlp.c_fc.bias`),
        part('→', inBlock('mlp.hook_pre')),
      ];
    case 'gelu':
      return [part('', inBlock('mlp.hook_pre')), part('→', inBlock('mlp.hook_post'))];
    case 'mlpDown':
      return [
        part('', inBlock('mlp.hook_post')),
        weight('+', `h.${block}.mlp.c_proj.bias`),
        part('→', inBlock('hook_mlp_out')),
      ];
    case 'finalNorm':
      return [
        part('', `blocks.${blocks - 1}.hook_resid_post`),
        part('→', 'ln_final.hook_scale'),
        part('→', 'ln_final.hook_normalized'),
        weight('·', 'ln_f.weight'),
        weight('+', 'ln_f.bias'),
        output('=', 'ln_final'),
      ];
    case 'unembedding':
      return [output('', 'ln_final'), part('→', 'logits')];
    case 'scores':
    case 'scale':
    case 'mask':
    case 'softmax':
    case 'tokenization':
    case 'temperature':
    case 'topK':
    case 'topP':
    case 'sampling':
      return [];
  }
}

/** The weights that an operation multiplies by or looks up in, by their names in the file. */
export function matricesOf({ operation, subject }: Focus, block: number, isTied = true): string[] {
  const of = (subject && blockOf(subject.name)) ?? block;
  switch (operation) {
    case 'embedding':
      return ['wte.weight', 'wpe.weight'];
    case 'queryKeyValue':
      return [`h.${of}.attn.c_attn.weight`];
    case 'outputProjection':
      return [`h.${of}.attn.c_proj.weight`];
    case 'mlpUp':
      return [`h.${of}.mlp.c_fc.weight`];
    case 'mlpDown':
      return [`h.${of}.mlp.c_proj.weight`];
    case 'unembedding':
      return [isTied ? 'wte.weight' : 'lm_head.weight'];
    default:
      return [];
  }
}
