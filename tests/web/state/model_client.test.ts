import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import { logitRows, type Run, runModel, scoreFactor } from '../../../web/src/state/model_client.ts';

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

test('what dot products are multiplied by is one over the root of a head’s width', async () => {
  const factor = await scoreFactor(model, run.ids[0]!, 3, signal);
  expect(factor).toBeCloseTo(1 / Math.sqrt(model.config.head_width), 6);
});
