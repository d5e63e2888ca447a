/** What the inspector shows: an operation, and the number of it that is explained. */
import type { ActivationRow } from 'glassformer';
import { axesOf, type Subject, withinBlock } from './explanation.ts';
import type { OperationId } from './operations.ts';
import { strongestOf } from './flow/vectors.ts';

export interface Focus {
  readonly operation: OperationId;
  /** Null where an operation is not one of the model's activations, or has nothing to show yet. */
  readonly subject: Subject | null;
}

const operations: Readonly<Record<string, OperationId>> = {
  hook_embed: 'embedding',
  hook_pos_embed: 'embedding',
  hook_resid_pre: 'residual',
  'ln1.hook_scale': 'layerNorm',
  'ln1.hook_normalized': 'layerNorm',
  'attn.hook_q': 'queryKeyValue',
  'attn.hook_k': 'queryKeyValue',
  'attn.hook_v': 'queryKeyValue',
  'attn.hook_attn_scores': 'scores',
  'attn.hook_pattern': 'softmax',
  'attn.hook_z': 'weightedSum',
  'attn.hook_result': 'outputProjection',
  hook_attn_out: 'outputProjection',
  hook_resid_mid: 'residual',
  'ln2.hook_scale': 'layerNorm',
  'ln2.hook_normalized': 'layerNorm',
  'mlp.hook_pre': 'mlpUp',
  'mlp.hook_post': 'gelu',
  hook_mlp_out: 'mlpDown',
  hook_resid_post: 'residual',
  'ln_final.hook_scale': 'finalNorm',
  'ln_final.hook_normalized': 'finalNorm',
  logits: 'unembedding',
  probabilities: 'temperature',
};

/** The operation that computes an activation. */
export function operationOf({ name }: Pick<Subject, 'name'>): OperationId {
  if (name === 'blocks.0.hook_resid_pre') return 'embedding';
  return operations[withinBlock(name)] ?? 'residual';
}

export const blockOf = (name: string): number | null => {
  const match = /^blocks\.(\d+)\./.exec(name);
  return match ? Number(match[1]) : null;
};

export interface Whereabouts {
  readonly block: number;
  readonly head: number;
  readonly query: number;
}

/** Where a number stands; what its name and index do not say is null. */
export function whereaboutsOf(
  { name, index }: Subject,
  table: readonly ActivationRow[],
): { [K in keyof Whereabouts]: number | null } {
  const axes = axesOf(name, table).replaceAll(/[^A-Z]/g, '');
  const at = (axis: string) => {
    const place = axes.indexOf(axis);
    return place < 0 ? null : (index[place] ?? null);
  };
  return { block: blockOf(name), head: at('H'), query: at('T') };
}

/** The same number elsewhere: in another block, of another head, at another position. */
export function moved(subject: Subject, to: Whereabouts, table: readonly ActivationRow[]): Subject {
  const axes = axesOf(subject.name, table).replaceAll(/[^A-Z]/g, '');
  const index = subject.index.map((number, place) => {
    if (axes[place] === 'H') return to.head;
    if (axes[place] === 'T') return to.query;
    return axes[place] === 'S' ? Math.min(number, to.query) : number;
  });
  return { name: subject.name.replace(/^blocks\.\d+/, `blocks.${to.block}`), index };
}

/** What a default subject is chosen by. */
export interface Known extends Whereabouts {
  readonly tokens: number;
  /** The key that the query looks at most, or that was chosen. */
  readonly key: number;
  /** The token of the vocabulary that is most probable after the last position. */
  readonly best: number;
  /** Which of query, key and value; the query unless another one is named. */
  readonly vector?: 'k' | 'v' | undefined;
  /** The numbers of an activation at the query, of the head where it has heads; null where not there. */
  readonly rowOf: (name: string) => ArrayLike<number> | null;
}

/** The number of an operation that is explained first: the largest of the selected position. */
export function firstSubject(operation: OperationId, known: Known): Subject | null {
  const { block, head, query, key } = known;
  const strongest = (name: string) => {
    const row = known.rowOf(name);
    return row && row.length > 0 ? strongestOf(row) : 0;
  };
  const inBlock = (within: string, ofHead = false): Subject => {
    const name = `blocks.${block}.${within}`;
    return { name, index: ofHead ? [query, head, strongest(name)] : [query, strongest(name)] };
  };
  switch (operation) {
    case 'embedding': {
      const name = 'blocks.0.hook_resid_pre';
      return { name, index: [query, strongest(name)] };
    }
    case 'layerNorm':
      return inBlock('ln1.hook_normalized');
    case 'queryKeyValue':
      return inBlock(`attn.hook_${known.vector ?? 'q'}`, true);
    case 'scores':
    case 'scale':
      return { name: `blocks.${block}.attn.hook_attn_scores`, index: [head, query, key] };
    case 'mask': {
      // A pair that the mask forbids: a query, and a token after it.
      if (known.tokens < 2) return null;
      const early = Math.min(query, known.tokens - 2);
      return { name: `blocks.${block}.attn.hook_attn_scores`, index: [head, early, early + 1] };
    }
    case 'softmax':
      return { name: `blocks.${block}.attn.hook_pattern`, index: [head, query, key] };
    case 'weightedSum':
    case 'concatenation':
      return inBlock('attn.hook_z', true);
    case 'outputProjection':
      return inBlock('hook_attn_out');
    case 'residual':
      return inBlock('hook_resid_mid');
    case 'mlpUp':
      return inBlock('mlp.hook_pre');
    case 'gelu':
      return inBlock('mlp.hook_post');
    case 'mlpDown':
      return inBlock('hook_mlp_out');
    case 'finalNorm': {
      const name = 'ln_final.hook_normalized';
      return { name, index: [query, strongest(name)] };
    }
    case 'unembedding':
      return { name: 'logits', index: [known.tokens - 1, known.best] };
    case 'tokenization':
    case 'temperature':
    case 'topK':
    case 'topP':
    case 'sampling':
      return null;
  }
}
