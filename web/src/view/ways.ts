/** Where a model's configuration asks for another computation than GPT-2's own does. */
import type { ModelConfig } from 'glassformer';
import type { OperationId } from './operations.ts';

/**
 * - unscaled, scaledByBlock, scaledTwice: scores as they are, over the block's number plus 1, or over that and
 *   the square root of a head's width
 * - relu, exactGelu: the MLP's nonlinearity
 * - untied: a matrix of its own for the unembedding
 */
export type WayId = 'unscaled' | 'scaledByBlock' | 'scaledTwice' | 'relu' | 'exactGelu' | 'untied';

type Choices = Pick<
  ModelConfig,
  | 'activation_function'
  | 'scale_attn_weights'
  | 'scale_attn_by_inverse_layer_idx'
  | 'tie_word_embeddings'
>;

/** How a model carries an operation out, where that is not GPT-2's way. */
export function wayOf(operation: OperationId, config: Choices | null): WayId | null {
  if (!config) return null;
  switch (operation) {
    case 'scale':
      if (!config.scale_attn_by_inverse_layer_idx) {
        return config.scale_attn_weights ? null : 'unscaled';
      }
      return config.scale_attn_weights ? 'scaledTwice' : 'scaledByBlock';
    case 'gelu':
      if (config.activation_function === 'gelu_new') return null;
      return config.activation_function === 'relu' ? 'relu' : 'exactGelu';
    case 'unembedding':
      return config.tie_word_embeddings ? null : 'untied';
    default:
      return null;
  }
}
