import { load } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { golden, stories } from './support/models.ts';

describe('a disposed model', () => {
  it('refuses to work, and says why', async () => {
    const model = await load(stories);
    await model.dispose();
    await model.dispose();
    await expectError(model.runWithCache([1]), 'disposed');
    await expectError(model.generate([1]).next(), 'disposed');
    await expectError(model.weight('wte.weight'), 'disposed');
    const disposed = expect.objectContaining({ code: 'disposed' });
    expect(() => model.tokenizer.encode('a')).toThrow(disposed);
    expect(() => model.sample(new Float32Array(model.config.vocab_size))).toThrow(disposed);
    expect(model.config.n_layer).toBe(6);
  });

  it('rejects what it was working on', async () => {
    const model = await load(stories);
    const run = model.runWithCache(new Array(model.config.n_positions).fill(5), {
      onStage: () => void model.dispose(),
    });
    await expectError(run, 'disposed');
  });

  it('ends a generation', async () => {
    const model = await load(golden('plain'));
    const generation = (async () => {
      for await (const step of model.generate([1, 2])) {
        if (step.position === 2) await model.dispose();
      }
    })();
    await expectError(generation, 'disposed');
  });

  it('is what `await using` leaves behind', async () => {
    let kept;
    {
      await using model = await load(golden('plain'));
      kept = model;
    }
    await expectError(kept.runWithCache([1]), 'disposed');
  });

  it('frees its memory: many can be loaded one after another', async () => {
    for (let round = 0; round < 40; ++round) {
      await using model = await load(golden('plain'));
      await model.runWithCache([1, 2, 3]);
    }
  });
});
