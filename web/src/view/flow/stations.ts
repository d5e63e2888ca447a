/**
 * The stations that a token passes, from left to right: the columns of the flow. Each is an activation
 * of the run; the model's own order.
 */
import type { OperationId } from '../operations.ts';

/** What a number is for; a role has one hue in all views. */
export type Role = 'residual' | 'query' | 'key' | 'value' | 'mlp' | 'probability';

export type Section = 'embedding' | 'attention' | 'mlp' | 'output';

export type StationId =
  | 'embed'
  | 'posEmbed'
  | 'residPre'
  | 'ln1'
  | 'q'
  | 'k'
  | 'pattern'
  | 'v'
  | 'z'
  | 'heads'
  | 'attnOut'
  | 'residMid'
  | 'ln2'
  | 'mlpPre'
  | 'mlpPost'
  | 'mlpOut'
  | 'residPost'
  | 'lnFinal';

/** Of a row: the residual stream's C numbers, a head's D, the MLP's F, or T weights. */
export type Extent = 'width' | 'head' | 'mlp' | 'tokens';

export interface Station {
  readonly id: StationId;
  /** Within its block where `perBlock`. */
  readonly tensor: string;
  readonly perBlock: boolean;
  readonly extent: Extent;
  readonly role: Role;
  readonly section: Section;
  readonly operation: OperationId;
  /** Whether it is the residual stream itself rather than a branch of it. */
  readonly stream: boolean;
}

const station = (
  id: StationId,
  tensor: string,
  section: Section,
  operation: OperationId,
  role: Role,
  extent: Extent,
  { stream = false, perBlock = true } = {},
): Station => ({ id, tensor, perBlock, extent, role, section, operation, stream });

const whole = { perBlock: false };
const stream = { stream: true };

export const stations: readonly Station[] = [
  station('embed', 'hook_embed', 'embedding', 'embedding', 'residual', 'width', whole),
  station('posEmbed', 'hook_pos_embed', 'embedding', 'embedding', 'residual', 'width', whole),
  station('residPre', 'hook_resid_pre', 'attention', 'residual', 'residual', 'width', stream),
  station('ln1', 'ln1.hook_normalized', 'attention', 'layerNorm', 'residual', 'width'),
  station('q', 'attn.hook_q', 'attention', 'queryKeyValue', 'query', 'head'),
  station('k', 'attn.hook_k', 'attention', 'queryKeyValue', 'key', 'head'),
  station('pattern', 'attn.hook_pattern', 'attention', 'softmax', 'probability', 'tokens'),
  station('v', 'attn.hook_v', 'attention', 'queryKeyValue', 'value', 'head'),
  station('z', 'attn.hook_z', 'attention', 'weightedSum', 'value', 'head'),
  station('heads', 'attn.hook_z', 'attention', 'concatenation', 'value', 'width'),
  station('attnOut', 'hook_attn_out', 'attention', 'outputProjection', 'residual', 'width'),
  station('residMid', 'hook_resid_mid', 'attention', 'residual', 'residual', 'width', stream),
  station('ln2', 'ln2.hook_normalized', 'mlp', 'layerNorm', 'residual', 'width'),
  station('mlpPre', 'mlp.hook_pre', 'mlp', 'mlpUp', 'mlp', 'mlp'),
  station('mlpPost', 'mlp.hook_post', 'mlp', 'gelu', 'mlp', 'mlp'),
  station('mlpOut', 'hook_mlp_out', 'mlp', 'mlpDown', 'residual', 'width'),
  station('residPost', 'hook_resid_post', 'mlp', 'residual', 'residual', 'width', stream),
  station('lnFinal', 'ln_final.hook_normalized', 'output', 'finalNorm', 'residual', 'width', whole),
];

/**
 * What feeds what, besides the stream itself.
 * - leaves, arrives: a branch of the stream, and what is added to it
 * - beside: to the next column of the same row
 * - over, under: the same, past the columns between
 * - across: from the rows of all tokens that are seen
 */
export interface Joint {
  readonly from: StationId;
  readonly to: StationId;
  readonly way: 'leaves' | 'arrives' | 'beside' | 'over' | 'under' | 'across';
}

const joint = (from: StationId, way: Joint['way'], to: StationId): Joint => ({ from, way, to });

export const joints: readonly Joint[] = [
  joint('posEmbed', 'arrives', 'residPre'),
  joint('residPre', 'leaves', 'ln1'),
  joint('ln1', 'beside', 'q'),
  joint('ln1', 'over', 'k'),
  joint('ln1', 'over', 'v'),
  joint('q', 'under', 'pattern'),
  joint('k', 'across', 'pattern'),
  joint('pattern', 'under', 'z'),
  joint('v', 'across', 'z'),
  joint('z', 'beside', 'heads'),
  joint('heads', 'beside', 'attnOut'),
  joint('attnOut', 'arrives', 'residMid'),
  joint('residMid', 'leaves', 'ln2'),
  joint('ln2', 'beside', 'mlpPre'),
  joint('mlpPre', 'beside', 'mlpPost'),
  joint('mlpPost', 'beside', 'mlpOut'),
  joint('mlpOut', 'arrives', 'residPost'),
  joint('residPost', 'leaves', 'lnFinal'),
];

export const stationOf = (id: StationId): Station => stations.find((known) => known.id === id)!;

/** The activation's full name, for the block on screen. */
export const tensorName = ({ tensor, perBlock }: Station, block: number) =>
  perBlock ? `blocks.${block}.${tensor}` : tensor;

export const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** What a run is asked for so that the flow of a block can be drawn; the pattern is asked for apart. */
export const flowTensors = (block: number): string[] =>
  distinct(stations.map((each) => tensorName(each, block)));

/** What the layer norms divide by: a number for each position, which the inspector shows. */
export const normScales = (block: number): string[] => [
  `blocks.${block}.ln1.hook_scale`,
  `blocks.${block}.ln2.hook_scale`,
  'ln_final.hook_scale',
];
