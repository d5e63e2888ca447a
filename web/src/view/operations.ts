/** The operations of the forward pass and of sampling, in the order in which they are done. */
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
