/** What each step of the tour asks the page to show; fetched when the tour is taken. */
import type { MapMeasure } from '../view/head_map.ts';
import type { OperationId } from '../view/operations.ts';
import { type StepId, stepIds } from './tour_steps.ts';

/** The parts of the page that can be pointed at: elements with this name in data-focus. */
export type FocusName =
  | 'prompt'
  | 'tokens'
  | 'map'
  | 'flow'
  | 'inspector'
  | 'attention'
  | 'curve'
  | 'why'
  | 'candidates'
  | 'sampling'
  | 'truth'
  | 'generate';

/** What to show, as far as it is said: anything absent stays as the reader has it. */
export interface StageState {
  operation?: OperationId;
  /** Of query, key and value: whose number is explained; the query's unless another one is named. */
  vector?: 'k' | 'v';
  block?: number;
  head?: number;
  /** A position, or the last one of whatever text there is. */
  query?: 'last' | number;
  /** An embedded model, by its id. */
  model?: string;
  focus?: FocusName;
  /** Whether the operation is to be seen at work. */
  animate?: boolean;
}

/** What the card offers to do, so that what the step speaks of can be seen. */
export type Offer = 'generate' | 'topP';

interface StepState extends StageState {
  offer?: Offer;
  /** What the map of heads shows as long as the step is told. */
  measure?: MapMeasure;
}

const states: Readonly<Record<StepId, StepState>> = {
  prediction: { focus: 'candidates' },
  tokens: { operation: 'tokenization', focus: 'tokens', query: 'last' },
  embedding: { operation: 'embedding', focus: 'flow' },
  stream: { operation: 'residual', focus: 'flow', block: 0 },
  blocks: { focus: 'map' },
  norm: { operation: 'layerNorm', focus: 'flow', block: 0 },
  'query-key-value': { operation: 'queryKeyValue', focus: 'flow' },
  scores: { operation: 'scores', focus: 'attention', query: 'last' },
  scale: { operation: 'scale', focus: 'attention' },
  mask: { operation: 'mask', focus: 'attention' },
  softmax: { operation: 'softmax', focus: 'attention' },
  values: { operation: 'weightedSum', focus: 'flow', animate: true },
  'heads-together': { operation: 'concatenation', focus: 'flow' },
  projection: { operation: 'outputProjection', focus: 'flow', animate: true },
  residual: { operation: 'residual', focus: 'flow', animate: true },
  'mlp-up': { operation: 'mlpUp', focus: 'flow', animate: true },
  gelu: { operation: 'gelu', focus: 'curve' },
  'mlp-down': { operation: 'mlpDown', focus: 'flow', animate: true },
  depth: { focus: 'map' },
  'final-norm': { operation: 'finalNorm', focus: 'flow', query: 'last' },
  logits: { operation: 'unembedding', focus: 'candidates', query: 'last' },
  temperature: { operation: 'temperature', focus: 'sampling' },
  'top-k': { operation: 'topK', focus: 'candidates' },
  'top-p': { operation: 'topP', focus: 'candidates', offer: 'topP' },
  draw: { operation: 'sampling', focus: 'candidates' },
  generation: { focus: 'generate' },
  // A row before the last: its key is one that is kept.
  cache: {
    operation: 'queryKeyValue',
    vector: 'k',
    focus: 'flow',
    query: 0,
    animate: true,
    offer: 'generate',
  },
  change: { focus: 'prompt', query: 'last' },
  single: { operation: 'softmax', focus: 'map', query: 'last', measure: 'spread' },
  why: { operation: 'weightedSum', focus: 'why', query: 'last' },
};

export const tourSteps = stepIds.map((id) => ({ id, state: states[id] }));

export const stateOf = (id: StepId): StepState => states[id];

/** The same, where the place is somebody else's to say. */
export function stateAnywhere(id: StepId): StageState {
  const { operation, vector, focus, animate } = states[id];
  return {
    ...(operation && { operation }),
    ...(vector && { vector }),
    ...(focus && { focus }),
    ...(animate && { animate }),
  };
}
