// Analyses, and the newer ways to generate, from the command line.
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { freshPath, glassformer, openTensors, stories } from './command_line.mjs';

const toy = 'Sam had a toy car. Sam lost the toy';

async function analysis(kind, { prompt = toy, options, more = [] } = {}) {
  const words = ['analyze', stories, kind, '--json'];
  if (prompt) words.push('--prompt', prompt);
  if (options) words.push('--options', JSON.stringify(options));
  const result = await glassformer([...words, ...more]);
  expect(result).toMatchObject({ code: 0, err: '' });
  return JSON.parse(result.out);
}

async function refusal(words) {
  const { code, out, err } = await glassformer(['analyze', ...words]);
  expect(out).toBe('');
  expect(err).toMatch(/^glassformer: .*\n$/);
  return { code, err };
}

describe('analyze', () => {
  test('takes tokens by their text, and adds up a logit', async () => {
    const options = { token: ' car', against: ' and' };
    const { value, sum, terms, token } = await analysis('logit_attribution', { options });
    expect(value).toBeCloseTo(sum, 3);
    const [first] = terms.filter(({ kind }) => kind === 'head').sort((a, b) => b.value - a.value);
    expect(first).toMatchObject({ block: 5, head: 2 });
    const { out } = await glassformer(['tokenize', stories], { input: ' car' });
    expect(JSON.parse(out)).toEqual([token]);
  });

  test('takes two texts to patch between', async () => {
    const { values, from, into } = await analysis('activation_patching', {
      prompt: '',
      options: {
        from: 'There was a girl',
        into: 'There was a boy',
        activation: 'attn.hook_z',
        axis: 'head',
        metric: { token: ' her', against: ' his' },
      },
    });
    expect(values).toHaveLength(6);
    expect(values[0]).toHaveLength(6);
    expect(from).toBeGreaterThan(into);
  });

  test('takes vectors, and finds the token that they are', async () => {
    const sum = { tokens: [{ id: ' girl', weight: 1 }] };
    const { direction } = await analysis('token_combination', { prompt: '', options: sum });
    const options = { vector: direction, top: 1 };
    const { tokens } = await analysis('nearest_tokens', { prompt: '', options });
    expect(tokens[0].similarity).toBeCloseTo(1, 5);
    const vectors = [
      [0, 0],
      [1, 2],
      [3, 6],
    ];
    const components = await analysis('principal_components', { prompt: '', options: { vectors } });
    expect(components.explained[0]).toBeCloseTo(1, 5);
  });

  test('explains a number, in a run with edits', async () => {
    const edits = freshPath('edits.json');
    await writeFile(edits, '[{"name": "z0", "op": "zero", "head": 1}]');
    const { terms, remainder } = await analysis('explain', {
      options: { name: 'blocks.0.hook_attn_out', index: [-1, 3] },
      more: ['--edits', edits],
    });
    expect(terms.find(({ label }) => label === 'head 1').value).toBe(0);
    expect(Math.abs(remainder)).toBeLessThan(1e-5);
  });

  test('changes weights before', async () => {
    const edits = freshPath('weights.json');
    await writeFile(edits, '[{"weight": "h.5.attn.c_proj.weight", "op": "zero"}]');
    const options = { token: ' car', against: ' and' };
    const { terms } = await analysis('logit_attribution', {
      options,
      more: ['--weight-edits', edits],
    });
    const last = terms.filter(({ kind, block }) => kind === 'head' && block === 5);
    expect(last.map(({ value }) => value)).toEqual(last.map(() => 0));
  });

  test('puts tensors into a file on request', async () => {
    const out = freshPath('scores.safetensors');
    const answer = await analysis('head_scores', { prompt: '', more: ['--out', out] });
    expect(answer.induction).toBeUndefined();
    expect(answer.tokens).toHaveLength(100);
    const file = await openTensors(out);
    expect(file.names()).toEqual(['previous', 'duplicate', 'induction']);
  });

  test('measures a text', async () => {
    const { losses, mean, perplexity, probabilities, logProbability } = await analysis('text_loss');
    expect(losses).toHaveLength(10);
    expect(perplexity).toBeCloseTo(Math.exp(mean), 6);
    expect(probabilities).toHaveLength(10);
    expect(Math.exp(-losses[3])).toBeCloseTo(probabilities[3], 6);
    expect(logProbability).toBeCloseTo(-10 * mean, 6);
  });

  test('has the dot products of a block, none of them of a later key', async () => {
    const options = { block: 2 };
    const { dot_products: products } = await analysis('attention_dot_products', { options });
    expect(products).toHaveLength(6);
    const why = { name: 'blocks.2.attn.hook_attn_scores', index: [1, 4, 2] };
    const { quantities } = await analysis('explain', { options: why });
    expect(products[1][4][2]).toBeCloseTo(quantities[0].value, 3);
    // JSON has no infinity.
    expect(products[1][2][4]).toBeNull();
  });

  test('names what it refuses', async () => {
    const wrong = async (...words) => refusal([stories, ...words]);
    expect(await wrong('logit_lense')).toEqual({
      code: 2,
      err: 'glassformer: there is no analysis "logit_lense"; the nearest is "logit_lens"\n',
    });
    const lens = ['logit_lens', '--prompt', 'a'];
    expect((await wrong('logit_lens')).err).toMatch(/tokens is missing/);
    expect((await wrong(...lens, '--options', '{"topp": 1}')).err).toMatch(/nearest is "top"/);
    expect((await wrong(...lens, '--options', '[1]')).err).toMatch(/--options is no JSON object/);
    expect((await wrong(...lens, '--options', '{')).err).toMatch(/--options is not valid JSON/);
    const two = await wrong(...lens, '--options', '{"tracked": [" extraordinary"]}');
    expect(two).toMatchObject({ code: 1 });
    expect(two.err).toMatch(/" extraordinary" is not one token but/);
    expect((await wrong(...lens, '--edits', '/nowhere')).err).toMatch(/\/nowhere/);
    expect((await wrong(...lens, '--weight-edits', '/nowhere')).err).toMatch(/\/nowhere/);
  });
});

describe('generate', () => {
  const generated = async (...words) => {
    const result = await glassformer(['generate', stories, '--prompt', toy, ...words]);
    expect(result).toMatchObject({ code: 0, err: '' });
    return result.out;
  };

  test('ends before a stop text, printed or not', async () => {
    const words = ['--temperature', '0', '--max-tokens', '30'];
    const whole = JSON.parse(await generated(...words, '--json')).text;
    for (const stop of ['.', whole.slice(7, 13)]) {
      const expected = whole.slice(0, whole.indexOf(stop));
      expect(await generated(...words, '--stop', stop)).toBe(`${expected}\n`);
      expect(JSON.parse(await generated(...words, '--stop', stop, '--json')).text).toBe(expected);
    }
    expect(await generated(...words, '--stop', 'never')).toBe(`${whole}\n`);
  });

  test('gives several samples, each what its seed gives alone', async () => {
    const words = ['--max-tokens', '8', '--json'];
    const { samples } = JSON.parse(await generated(...words, '--seed', '5', '--samples', '3'));
    for (const [i, sample] of samples.entries()) {
      const alone = JSON.parse(await generated(...words, '--seed', String(5 + i)));
      expect(sample).toEqual({ tokens: alone.tokens, text: alone.text });
    }
    const printed = await generated('--max-tokens', '8', '--seed', '5', '--samples', '3');
    expect(printed).toBe(`${samples.map(({ text }) => text).join('\n\n')}\n`);
  });

  test('continues as the edited model does', async () => {
    const words = ['--temperature', '0', '--max-tokens', '1'];
    expect(await generated(...words)).toBe(' car\n');
    const [edits, weights] = [freshPath('edits.json'), freshPath('weights.json')];
    await writeFile(edits, '[{"name": "z5", "op": "zero", "head": 2}]');
    const width = 32;
    const row = [2 * width, 3 * width];
    await writeFile(
      weights,
      JSON.stringify([{ weight: 'h.5.attn.c_proj.weight', op: 'zero', row }]),
    );
    expect(await generated(...words, '--edits', edits)).toBe(' and\n');
    expect(await generated(...words, '--weight-edits', weights)).toBe(' and\n');
  });

  test('penalizes repetition', async () => {
    const ids = async (...words) => {
      const prompt = 'dog dog dog dog dog dog';
      const fixed = ['--prompt', prompt, '--temperature', '0', '--max-tokens', '40', '--json'];
      const { out } = await glassformer(['generate', stories, ...fixed, ...words]);
      return JSON.parse(out).tokens.map(({ id }) => id);
    };
    const repeated = (list) => list.length - new Set(list).size;
    const plain = repeated(await ids());
    expect(repeated(await ids('--repetition-penalty', '1.5'))).toBeLessThan(plain);
    expect(repeated(await ids('--frequency-penalty', '1.5'))).toBeLessThan(plain);
    expect(repeated(await ids('--presence-penalty', '3'))).toBeLessThan(plain);
  });

  test.each([
    [['--min-p', '2'], /min_p must be/],
    [['--repetition-penalty', '0'], /repetition_penalty must be/],
    [['--stop', ''], /--stop needs a text/],
    [['--samples', '0'], /--samples/],
    [['--edits', ''], /--edits needs the name of a file/],
    [['--weight-edits', ''], /--weight-edits needs the name of a file/],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await glassformer(['generate', stories, '--prompt', 'a', ...words]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
