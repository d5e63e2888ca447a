/** The tour: its steps in order, and what each of them asks the page to show. */
import type { OperationId } from '../view/operations.ts';

/** The parts of the page that can be pointed at: elements with this name in data-focus. */
export type FocusName =
  | 'prompt'
  | 'tokens'
  | 'map'
  | 'flow'
  | 'inspector'
  | 'attention'
  | 'why'
  | 'candidates'
  | 'sampling'
  | 'truth'
  | 'generate';

/** What to show, as far as it is said: anything absent stays as the reader has it. */
export interface StageState {
  operation?: OperationId;
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

export interface TourStep {
  id: string;
  state: StageState;
}

export const tourSteps = [
  { id: 'prediction', state: { focus: 'candidates' } },
  { id: 'tokens', state: { operation: 'tokenization', focus: 'tokens', query: 'last' } },
  { id: 'embedding', state: { operation: 'embedding', focus: 'flow' } },
  { id: 'stream', state: { operation: 'residual', focus: 'flow', block: 0 } },
  { id: 'blocks', state: { focus: 'map' } },
  { id: 'norm', state: { operation: 'layerNorm', focus: 'flow', block: 0 } },
  { id: 'query-key-value', state: { operation: 'queryKeyValue', focus: 'flow' } },
  { id: 'scores', state: { operation: 'scores', focus: 'attention', query: 'last' } },
  { id: 'scale', state: { operation: 'scale', focus: 'attention' } },
  { id: 'mask', state: { operation: 'mask', focus: 'attention' } },
  { id: 'softmax', state: { operation: 'softmax', focus: 'attention' } },
  { id: 'values', state: { operation: 'weightedSum', focus: 'flow', animate: true } },
  { id: 'heads-together', state: { operation: 'concatenation', focus: 'flow' } },
  { id: 'projection', state: { operation: 'outputProjection', focus: 'flow', animate: true } },
  { id: 'residual', state: { operation: 'residual', focus: 'flow', animate: true } },
  { id: 'mlp-up', state: { operation: 'mlpUp', focus: 'flow', animate: true } },
  { id: 'gelu', state: { operation: 'gelu', focus: 'flow', animate: true } },
  { id: 'mlp-down', state: { operation: 'mlpDown', focus: 'flow', animate: true } },
  { id: 'depth', state: { focus: 'map' } },
  { id: 'final-norm', state: { operation: 'finalNorm', focus: 'flow', query: 'last' } },
  { id: 'logits', state: { operation: 'unembedding', focus: 'candidates', query: 'last' } },
  { id: 'temperature', state: { operation: 'temperature', focus: 'sampling' } },
  { id: 'top-k', state: { operation: 'topK', focus: 'candidates' } },
  { id: 'top-p', state: { operation: 'topP', focus: 'candidates' } },
  { id: 'draw', state: { operation: 'sampling', focus: 'candidates' } },
  { id: 'generation', state: { focus: 'generate' } },
  {
    id: 'cache',
    state: { operation: 'queryKeyValue', focus: 'flow', query: 'last', animate: true },
  },
  { id: 'change', state: { focus: 'prompt' } },
  { id: 'single', state: { operation: 'softmax', focus: 'map' } },
  { id: 'why', state: { operation: 'weightedSum', focus: 'why', query: 'last' } },
] as const satisfies readonly TourStep[];

export type StepId = (typeof tourSteps)[number]['id'];

/** What is no step of the tour is none. */
export const findStep = (id: string | null | undefined) => tourSteps.find((step) => step.id === id);
