import { load, type Model } from 'glassformer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { greedy, stories } from './support/models.ts';

const prompt = greedy.prompt;
let model: Model;
beforeAll(async () => void (model = await load(stories)));
afterEach(async () => void (await model.undoWeightEdits()));
afterAll(() => model.dispose());

const logits = async () => (await model.runWithCache(prompt, { names: [] })).logits.data;

describe('weight edits', () => {
  it('change what the model computes, until they are undone', async () => {
    const before = await logits();
    expect(await model.editWeights([{ weight: 'wpe.weight', op: 'zero' }])).toBe(1);
    const edited = await logits();
    expect(edited).not.toEqual(before);
    const half = { weight: 'h.2.mlp.c_proj.weight', op: 'scale', value: 0.5, row: [0, 9] } as const;
    expect(await model.editWeights([half])).toBe(2);
    expect(await logits()).not.toEqual(edited);
    expect(await model.undoWeightEdits(1)).toBe(1);
    expect(await logits()).toEqual(edited);
    expect(await model.undoWeightEdits()).toBe(0);
    expect(await logits()).toEqual(before);
  });

  it('zero a head as an edit of its activation does', async () => {
    const width = model.config.head_width;
    const weight = 'h.1.attn.c_proj.weight';
    await model.editWeights([{ weight, op: 'zero', row: [2 * width, 3 * width] }]);
    const byWeight = await logits();
    await model.undoWeightEdits();
    const edits = [{ name: 'z1', op: 'zero', head: 2 }] as const;
    const byActivation = (await model.runWithCache(prompt, { names: [], edits })).logits.data;
    for (let i = 0; i < byWeight.length; i += 97) {
      expect(byWeight[i]).toBeCloseTo(byActivation[i]!, 3);
    }
  });

  it('are read back, and take many values', async () => {
    const bias = await model.weight('h.0.mlp.c_fc.bias');
    const value = bias.data.map((x) => x * 2);
    await model.editWeights([{ weight: 'transformer.h.0.mlp.c_fc.bias', op: 'set', value }]);
    expect((await model.weight('h.0.mlp.c_fc.bias')).data).toEqual(value);
  });

  it('wait for what runs, and end a generation that has begun', async () => {
    const before = await logits();
    const running = model.runWithCache(prompt, { names: [] });
    const editing = model.editWeights([{ weight: 'ln_f.weight', op: 'scale', value: 2 }]);
    expect((await running).logits.data).toEqual(before);
    await editing;
    expect(await logits()).not.toEqual(before);

    const steps = model.generate(prompt, { temperature: 0 });
    await steps.next();
    await model.undoWeightEdits();
    await expectError(steps.next(), 'bad-option', /weights have changed/);
  });

  it('are refused by name', async () => {
    const edit = (wrong: object) => model.editWeights([wrong as never]);
    await expectError(edit({ weight: 'wpe', op: 'zero' }), 'bad-edit', /"wpe"; the nearest is/);
    await expectError(edit({ weight: 'wpe.weight', op: 'mean' }), 'bad-edit', /zero, scale, add/);
    await expectError(edit({ weight: 'wpe.weight', op: 'zero', row: 1e6 }), 'bad-edit', /1000000/);
    await expectError(edit({ weight: 'wpe.weight', op: 'set' }), 'bad-edit', /value/);
    expect(await model.undoWeightEdits()).toBe(0);
  });
});
