// The nano model: what its card promises.
import { load, type Model } from 'glassformer';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './support/expect_error.ts';
import { nano } from './support/models.ts';

let model: Model;
beforeAll(async () => void (model = await load(nano)));
afterAll(() => model.dispose());

/** Held out of its training (tools/nano/sorting.h); some of each length. */
const heldOut = [
  ...['F', 'BF', 'SS', 'RRB', 'RGY', 'NNOK', 'CADB', 'KDYSB', 'GGVCV'],
  ...['VVKQJI', 'NOONNO', 'RESYRYH', 'DKKWDKD', 'LXKNSZXW', 'ZZIIIZDZ', 'OFBLZPPGJ', 'LRVRVVRLR'],
  ...['JHEESANABL', 'ZPLLZZLZPP'],
];

async function continued(prompt: string): Promise<{ text: string; last: number }> {
  let text = '';
  let last = -1;
  for await (const step of model.generate(prompt, { temperature: 0, maxTokens: 12 })) {
    text += step.text;
    last = step.id;
  }
  return { text, last };
}

describe('the nano model', () => {
  it.each(heldOut)('sorts %s, and ends the text', async (letters) => {
    const sorted = Array.from(letters).sort().join('');
    const end = model.config.eos_token_id;
    expect(await continued(`${letters}=`)).toEqual({ text: sorted, last: end });
  });

  it('goes on where sorting has begun', async () => {
    expect((await continued('ZEBRA=AB')).text).toBe('ERZ');
  });

  it('expects any letter within a prompt', async () => {
    const { logits } = await model.runWithCache('QK', { names: [], logits: 'last' });
    const weights = Array.from(logits.data.subarray(0, 26), Math.exp);
    const sum = weights.reduce((a, b) => a + b);
    expect(Math.max(...weights) / sum).toBeLessThan(0.3);
  });

  it('takes less than 100 kB', () => {
    const bytes = readdirSync(nano).map((file) => statSync(path.join(nano, file)).size);
    expect(bytes.reduce((a, b) => a + b)).toBeLessThan(100_000);
  });

  it.each([
    ['small letters', 'CaDB=', '"a"'],
    ['spaces', 'CA DB=', '" "'],
    ['characters of several bytes', 'CÄ=', '"Ä"'],
    ['digits', 'B2=', '"2"'],
  ])('has no token for %s, and says so', async (_, text, character) => {
    const message = new RegExp(`^${character} is not in the vocabulary of 28 tokens$`);
    expect(() => model.tokenizer.encode(text)).toThrow(message);
    expect(() => model.tokenizer.pieces(text)).toThrow(message);
    await expectError(model.runWithCache(text), 'bad-tokens', message);
    await expectError(continued(text), 'bad-tokens', message);
  });

  it('knows the end of a text by name', () => {
    const ids = model.tokenizer.encode('A=<|endoftext|>', { specialTokens: true });
    expect(ids).toEqual([0, 26, model.config.eos_token_id]);
  });
});
