// The module has JavaScript read and write numbers, where the native program has C's library.
import { load } from 'glassformer';
import { describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { nano, plainFiles } from './support/models.ts';

const plain = plainFiles();
const config = new TextDecoder().decode(plain['config.json']);

const withEpsilon = (text: string) => {
  const json = config.replace(/("layer_norm_epsilon":\s*)[^,}\s]+/, `$1${text}`);
  expect(json).toContain(text);
  return load({ ...plain, 'config.json': json });
};

describe('numbers in JSON', () => {
  it.each(['1e-5', '0.00001', '1E-05', '1.25e-3', '0.30000001192092896', '2'])(
    'are read: %s',
    async (text) => {
      const model = await withEpsilon(text);
      expect(Math.fround(model.config.layer_norm_epsilon)).toBe(Math.fround(Number(text)));
      model.dispose();
    },
  );

  it('are refused where no number is that large', async () => {
    await expectError(withEpsilon('1e999'), 'bad-config', /config\.json.* line \d+/);
  });
});

describe('numbers in answers', () => {
  it('come back to the last bit', async () => {
    const model = await load(nano);
    const ids = model.tokenizer.encode('CAB=');
    const { cache } = await model.runWithCache(ids, { names: ['blocks.0.hook_mlp_out'] });
    const row = cache.get('blocks.0.hook_mlp_out').slice([3, 4]).data;
    for (const [index, value] of row.entries()) {
      const { value: told } = await model.explain(ids, 'blocks.0.hook_mlp_out', [3, index]);
      expect(told).toBe(value);
    }
    model.dispose();
  });

  it('are written in full where an option is refused', async () => {
    const model = await load(nano);
    const first = model.generate('A', { temperature: -0.1 }).next();
    await expectError(first, 'bad-option', /not -0\.1$/);
    const second = model.generate('A', { topP: 16777216 / 3 }).next();
    await expectError(second, 'bad-option', /not 5592405\.5$/);
    model.dispose();
  });
});
