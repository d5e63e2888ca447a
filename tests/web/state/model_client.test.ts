import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import {
  addActivations,
  has,
  logitRows,
  type Run,
  runModel,
} from '../../../web/src/state/model_client.ts';

import { dotProductsName, scoresName } from '../../../web/src/view/attention.ts';
import { largestMagnitude } from '../../../web/src/view/flow/vectors.ts';

let model: Model;
let run: Run;
const { signal } = new AbortController();
beforeAll(async () => {
  model = await load(new URL('../../../weights/stories/', import.meta.url));
  run = await runModel(model, model.tokenizer.encode('Once upon a time, there was'), [], signal);
});
afterAll(() => model.dispose());

describe('the logits of any position', () => {
  test('end with those of the last, which the page needs at once', async () => {
    const last = run.ids.length - 1;
    const [row] = await logitRows(model, run, [last, last + 1], signal);
    expect(row).toEqual(run.logits);
  });

  test('are the same from the residual stream, which a large vocabulary leaves room for', async () => {
    const name = `blocks.${model.config.n_layer - 1}.hook_resid_post`;
    const { cache } = await model.runWithCache(run.ids, { names: [name] });
    const streamed: Run = { ...run, source: { stream: cache.get(name) } };
    const rows = await logitRows(model, streamed, [2, 5], signal);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(await logitRows(model, run, [2, 5], signal));
  });
});

describe('dot products', () => {
  const [first, second] = [2, 3].map(dotProductsName) as [string, string];
  const largest = (values: { data: Float32Array }) => largestMagnitude(values.data);

  test('come with a run that names them, beside its activations', async () => {
    const asked = await runModel(model, run.ids, [scoresName(2), first], signal);
    const products = asked.dotProducts.get(first)!;
    expect(products.dims).toEqual(asked.activations.get(scoresName(2))!.dims);
    const root = Math.sqrt(model.config.head_width);
    const scores = asked.activations.get(scoresName(2))!;
    expect(largest(products) / root).toBeCloseTo(largest(scores), 3);
    expect([...asked.activations.keys()]).toContain(scoresName(2));
    expect([...asked.activations.keys()]).not.toContain(first);
  });

  test('are kept, of one block after another', async () => {
    const one = await addActivations(model, run, [first], signal);
    const more = await addActivations(model, one, [scoresName(3)], signal);
    expect([has(more, first), has(more, scoresName(3)), has(more, second)]).toEqual([
      true,
      true,
      false,
    ]);
    const other = await addActivations(model, more, [second], signal);
    expect([has(other, first), has(other, second)]).toEqual([true, true]);
  });

  test('that do not come cost nobody the run', async () => {
    const refusing = {
      config: model.config,
      tokenizer: model.tokenizer,
      runWithCache: model.runWithCache.bind(model),
      attentionDotProducts: () => Promise.reject(new Error('no memory')),
    } as unknown as Model;
    const without = await runModel(refusing, run.ids, [scoresName(2), first], signal);
    expect([has(without, scoresName(2)), has(without, first)]).toEqual([true, false]);
    expect(without.logits).toEqual(run.logits);
    await expect(addActivations(refusing, without, [first], signal)).rejects.toThrow('no memory');
  });
});
