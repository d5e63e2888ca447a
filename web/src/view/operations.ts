/** The operations of a forward pass and of what follows it, in the order in which they run. */
export const operationIds = [
  'tokenization',
  'embedding',
  'layerNorm',
  'queryKeyValue',
  'scores',
  'scale',
  'mask',
  'softmax',
  'weightedSum',
  'concatenation',
  'outputProjection',
  'residual',
  'mlpUp',
  'gelu',
  'mlpDown',
  'finalNorm',
  'unembedding',
  'temperature',
  'topK',
  'topP',
  'sampling',
] as const;

export type OperationId = (typeof operationIds)[number];

export const isOperation = (text: string | null): text is OperationId =>
  operationIds.includes(text as OperationId);

/** Where GPT-2 has dropout: embeddings, attention weights, and what a layer adds to the residual stream. */
export const hasDropout = (id: OperationId): boolean =>
  ['embedding', 'softmax', 'outputProjection', 'mlpDown'].includes(id);
