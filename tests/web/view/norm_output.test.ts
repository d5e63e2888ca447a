import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ActivationCache, load, type Model } from 'glassformer';
import { normOutput } from '../../../web/src/state/norm_output.ts';
import { firstMadeOf, isNormOutput, normalizedOf } from '../../../web/src/view/norm_output.ts';

const ids = [912, 673, 258, 508, 11];
let model: Model;
let cache: ActivationCache;
beforeAll(async () => {
  model = await load(new URL('../../../weights/stories/', import.meta.url));
  ({ cache } = await model.runWithCache(ids));
});
afterAll(() => model.dispose());

test.each([
  ['blocks.0.ln1.output', 'h.0.ln_1'],
  ['blocks.4.ln2.output', 'h.4.ln_2'],
  ['ln_final.output', 'ln_f'],
])('%s is what was normalized, times its weight, plus its bias', async (name, weights) => {
  const [gamma, beta] = await Promise.all(
    ['weight', 'bias'].map((each) => model.weight(`${weights}.${each}`)),
  );
  const normalized = cache.get(normalizedOf(name));
  for (const position of [0, 4]) {
    const row = await normOutput(model, ids, { name, position });
    expect(row).toHaveLength(model.config.n_embd);
    for (const [c, value] of row.entries()) {
      // With 64 bits, then rounded to 32.
      const exact = normalized.at(position, c) * gamma!.data[c]! + beta!.data[c]!;
      expect(value, `${name}[${position}, ${c}]`).toBe(Math.fround(exact));
    }
  }
});

test.each([
  ['blocks.2.ln1.output', 'blocks.2.attn.hook_q', [3, 0, 0]],
  ['blocks.2.ln2.output', 'blocks.2.mlp.hook_pre', [3, 0]],
  ['ln_final.output', 'logits', [3, 0]],
])('%s is multiplied to make %s', (name, maker, index) => {
  expect(isNormOutput(name)).toBe(true);
  expect(isNormOutput(normalizedOf(name))).toBe(false);
  expect(firstMadeOf(name, 3)).toEqual({ name: maker, index });
});
