import type { Part } from '../view/operation_parts.ts';
import { firstMadeOf, normOutputIn } from '../view/norm_output.ts';
import type { Model } from './model_client.ts';

/** What a layer norm gives out at a position. */
export async function normOutput(
  model: Model,
  ids: readonly number[],
  { name, position }: Pick<Part, 'name' | 'position'>,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { name: maker, index } = firstMadeOf(name, position);
  // A product for each column, and a bias.
  const terms = model.config.n_embd + 1;
  const explanation = await model.explain(ids, maker, index, { terms, signal });
  return normOutputIn(explanation, name, position);
}
