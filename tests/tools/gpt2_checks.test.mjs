// The checks of tests/gpt2, held to a model whose outputs we know: the embedded stories model, as its
// golden trace, its golden continuation, and independent arithmetic record it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checksOf } from '../gpt2/checks.mjs';
import { row } from '../gpt2/numbers.mjs';
import {
  goldenTrace,
  ids,
  prompt,
  recordedOfStories,
  storiesReference as reference,
} from '../gpt2/stories_recorded.mjs';

let recorded;

beforeAll(async () => {
  recorded = await recordedOfStories();
});

/** A copy without shared parts, so that one change is one. */
const copyOf = (value) => JSON.parse(JSON.stringify(value));

/** The sentences of the checks that fail, by the checks' names. */
async function failures(model, of = recorded) {
  const failed = [];
  for (const { name, skip, check } of checksOf(of)) {
    if (skip) continue;
    await check(model).catch((error) => failed.push(`${name}: ${error.message}`));
  }
  return failed;
}

describe('the checks of recorded outputs', () => {
  test('pass on a model that gives them', async () => {
    expect(await failures(await reference())).toEqual([]);
  });

  test('skip beam search with the reason', () => {
    const skipped = checksOf(recorded).filter(({ skip }) => skip);
    expect(skipped.map(({ skip }) => skip)).toEqual(['beam search is no part of Glassformer']);
  });

  // Each mutation changes one recorded fact by little more than its tolerance.
  test.each([
    ['a greedy token', (r) => (r.greedy[0].ids[12] += 1), /the text of the ids/],
    ['a prompt id', (r) => (r.greedy[0].prompt_ids[0] += 1), /the ids of the prompt/],
    ['the first id', (r) => (r.greedy[1].ids[0] += 1), /the ids of the prompt/],
    ['a token of the continuation', (r) => (r.greedy[1].ids[13] += 1), /after 13 tokens/],
    ['a text', (r) => (r.greedy[0].text += '!'), /the text of the ids/],
    ['a logit', (r) => (r.logits[0].value[2] += 0.01), /logits at position 3: value 2/],
    ['a position', (r) => (r.logits[0].position = 4), /logits at position 4/],
    ['a mean', (r) => (r.logits[0][Object.keys(r.logits[0]).at(-1)] *= 1.001), /the mean of all/],
    ['a first logit', (r) => (r.logits[1]['logits_pos0[:5]'][4] += 0.01), /logits_pos0.*value 4/],
    ['an argmax', (r) => (r.logits[1].argmax[1] += 1), /the argmax at each position/],
    ['an embedding', (r) => (r.intermediates[0].value[9] += 1e-3), /wte.*value 9/],
    ['an MLP value', (r) => (r.intermediates[1].value[3] += 1e-3), /c_fc.*value 3/],
    ['a layer norm value', (r) => (r.intermediates[2].value[0] += 1e-3), /ln_1.*value 0/],
    ['an attention value', (r) => (r.intermediates[3].value[2] += 1e-3), /token0\[:3\]: value 2/],
    ['a repeated form', (r) => (r.intermediates[4].value[1] += 1e-3), /token0\[:2\]: value 1/],
    ['a hidden state', (r) => (r.intermediates[5].value[4] += 2e-3), /final hidden.*value 4/],
    ['a text with a start', (r) => (r.losses[0].text = prompt), /the ids of the text/],
    ['a loss', (r) => (r.losses[0].mean_nll += 5e-5), /the mean loss/],
    ['a loss over rows', (r) => (r.losses[1].mean_nll -= 2e-4), /the mean loss/],
    ['a target', (r) => (r.losses[1].y_ids_10[9] += 1), /the mean loss/],
    ['a number that is none', (r) => (r.logits[0].value[0] = null), /logits at position 3/],
  ])('fail, alone, where %s is wrong', async (_, mutate, sentence) => {
    const wrong = copyOf(recorded);
    mutate(wrong);
    const failed = await failures(await reference(), wrong);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatch(sentence);
  });

  test.each([
    ['an unknown kind', (r) => (r.heads = []), /recorded heads are not understood/],
    ['an unknown intermediate', (r) => (r.intermediates[0].what = 'wpe[0]'), /is not understood/],
    ['an unknown logit', (r) => (r.logits[0].sum = 3), /sum is not understood/],
    ['rows that do not fit', (r) => r.losses[1].x_ids_10.pop(), /do not fit B=2, T=5/],
    ['values that do not fit', (r) => r.intermediates[0].value.pop(), /9 values/],
  ])('refuse %s rather than pass it over', (_, mutate, sentence) => {
    const wrong = copyOf(recorded);
    mutate(wrong);
    expect(() => checksOf(wrong)).toThrow(sentence);
  });

  test('understand every recorded entry of GPT-2 small', () => {
    const path = join(import.meta.dirname, '..', 'gpt2', 'recorded.json');
    expect(checksOf(JSON.parse(readFileSync(path, 'utf8')))).toHaveLength(19);
  });
});

describe('a near-tie', () => {
  test('may go either way in what was recorded in half precision, and only there', async () => {
    const model = await reference();
    const tied = (gap) => ({
      ...model,
      run: async (tokens, options) => {
        const { dims, data } = (await model.run(tokens, options)).get('logits');
        const logits = { dims, data: data.slice() };
        const scores = row(logits, ids.length + 1);
        scores[7] = Math.max(...scores) + gap;
        return new Map([['logits', logits]]);
      },
    });
    expect(await failures(tied(0.05), { greedy: [recorded.greedy[1]] })).toEqual([]);
    expect(await failures(tied(0.05), { greedy: [recorded.greedy[0]] })).toHaveLength(1);
    expect(await failures(tied(0.5), { greedy: [recorded.greedy[1]] })).toHaveLength(1);
  });
});

describe('the reference arithmetic', () => {
  test('equals the golden trace of PyTorch', async () => {
    const trace = await goldenTrace();
    const activations = await (await reference()).run(ids, {});
    for (const [name, { data }] of activations) {
      if (!trace[name]) throw new Error(`${name} is not in the golden trace`);
      const largest = Math.max(...trace[name].data.map(Math.abs));
      data.forEach((value, i) => {
        if (!(Math.abs(value - trace[name].data[i]) <= 1e-5 * largest)) throw new Error(name);
      });
    }
  });
});
