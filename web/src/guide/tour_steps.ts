/** The names of the tour's steps, in order. */
export const stepIds = [
  'prediction',
  'tokens',
  'embedding',
  'stream',
  'blocks',
  'norm',
  'query-key-value',
  'scores',
  'scale',
  'mask',
  'softmax',
  'values',
  'heads-together',
  'projection',
  'residual',
  'mlp-up',
  'gelu',
  'mlp-down',
  'depth',
  'final-norm',
  'logits',
  'temperature',
  'top-k',
  'top-p',
  'draw',
  'generation',
  'cache',
  'change',
  'single',
  'why',
] as const;

export type StepId = (typeof stepIds)[number];

/** What is no step of the tour is none. */
export const findStep = (id: string | null | undefined): StepId | undefined =>
  stepIds.find((step) => step === id);
