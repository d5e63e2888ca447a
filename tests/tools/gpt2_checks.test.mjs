// The checks of tests/gpt2, held to a model whose outputs we know: the embedded stories model, as its
// golden trace, its golden continuation, and independent arithmetic record it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checksOf } from '../gpt2/checks.mjs';
import { mean, meanLoss, row } from '../gpt2/numbers.mjs';
import { referenceModel } from '../gpt2/reference_model.mjs';
import { SafetensorsFile } from '../gpt2/safetensors.mjs';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'weights', 'stories');
const golden = join(root, 'tests', 'golden', 'stories');
const { prompt, ids, greedy_24 } = JSON.parse(readFileSync(join(golden, 'greedy.json'), 'utf8'));
// Enough of the continuation to tell; the reference has no cache, and each token is a whole pass.
const continued = greedy_24.slice(0, 4);
const text = `${prompt} named Lily. She`;

let trace;
let weights;
let recorded;

const first = (values, count) => Array.from(values.subarray(0, count));

beforeAll(async () => {
  const file = await SafetensorsFile.open(join(golden, 'trace.safetensors'));
  trace = Object.fromEntries(
    await Promise.all(file.names().map(async (name) => [name, await file.tensor(name)])),
  );
  await file.close();
  weights = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  recorded = await recordedOfStories();
});

/** What another project might have recorded of the stories model, in each form of recorded.json. */
async function recordedOfStories() {
  const { logits } = trace;
  const columns = [0, 1, 100, 4095];
  const at = (t) => row(logits, t);
  const shape = logits.dims.join();
  const argmaxes = ids.map((_, t) => at(t).indexOf(Math.max(...at(t))));
  const wte = row(await weights.tensor('wte.weight'), ids[0]);
  const halves = [ids.slice(0, 5), ids.slice(4, 9)].map((x, b) => ({
    x,
    y: ids.slice(4 * b + 1, 4 * b + 6),
  }));
  const losses = await Promise.all(halves.map(async ({ x, y }) => meanLoss(await logitsOf(x), y)));
  return {
    note: 'of the stories model',
    greedy: [
      { src: 'golden', prompt, prompt_ids: ids, ids: [...ids, ...continued], text },
      { src: 'golden (fp16)', prompt, ids: [...ids, ...continued] },
    ],
    beam2: [{ src: 'nobody', prompt, text }],
    logits: [
      {
        src: 'golden',
        ids,
        position: 3,
        vocab_index: columns,
        value: columns.map((column) => at(3)[column]),
        [`mean_over_[${shape}]`]: mean(logits.data),
      },
      { src: 'golden', ids, 'logits_pos0[:5]': first(at(0), 5), argmax: argmaxes },
    ],
    intermediates: [
      { src: 'file', what: `wte[${ids[0]}][:10]`, value: first(wte, 10) },
      {
        src: 'arithmetic',
        what: `h.1.mlp.c_fc applied to wte[${ids[0]}] (x@W+b)[:4]`,
        value: await linear(wte, 'h.1.mlp.c_fc', 4),
      },
      { src: 'arithmetic', what: `h.0.ln_1(wte[${ids[0]}])[:4]`, value: await lnOne(wte, 4) },
      {
        // One token attends to itself alone, so that c_attn's values pass straight to c_proj.
        src: 'arithmetic',
        what: `h.0.attn (c_attn->causal attn->c_proj) on raw wte of [${ids[0]},${ids[1]}], token0[:3]`,
        value: await attentionToItself(wte, 3),
      },
      { src: 'arithmetic', what: '... token0[:2]', value: await attentionToItself(wte, 2) },
      {
        src: 'golden',
        what: `final hidden state (after ln_f), ids [${ids}], position 2, [:5], atol 0.001`,
        value: await finalHidden(2, 5),
      },
    ],
    losses: [
      {
        src: 'golden',
        text: 'the rest',
        ids_with_bos: ids,
        mean_nll: meanLoss({ dims: logits.dims, data: logits.data }, ids.slice(1)),
        tol: 4e-5,
      },
      {
        src: 'arithmetic, B=2,T=5',
        x_ids_10: halves.flatMap(({ x }) => x),
        y_ids_10: halves.flatMap(({ y }) => y),
        mean_nll: mean(losses),
        tol: 1e-4,
      },
    ],
  };
}

const texts = () =>
  new Map([
    [prompt, ids],
    [text, [...ids, ...continued]],
    ['the rest', ids.slice(1)],
  ]);

let shared;
const reference = () => (shared ??= referenceModel(folder, texts()));

async function logitsOf(tokens) {
  return (await (await reference()).run(tokens, {})).get('logits');
}

async function linear(x, name, count, start = 0) {
  const { dims, data } = await weights.tensor(`${name}.weight`);
  const { data: bias } = await weights.tensor(`${name}.bias`);
  return Array.from({ length: count }, (_, m) =>
    x.reduce((sum, value, n) => sum + value * data[n * dims[1] + start + m], bias[start + m]),
  );
}

async function lnOne(x, count) {
  const { data: weight } = await weights.tensor('h.0.ln_1.weight');
  const { data: bias } = await weights.tensor('h.0.ln_1.bias');
  const centre = mean(x);
  const scale = Math.sqrt(mean(Array.from(x, (value) => (value - centre) ** 2)) + 1e-5);
  return first(
    x.map((value, i) => ((value - centre) / scale) * weight[i] + bias[i]),
    count,
  );
}

async function attentionToItself(x, count) {
  const values = await linear(x, 'h.0.attn.c_attn', x.length, 2 * x.length);
  return linear(values, 'h.0.attn.c_proj', count);
}

async function finalHidden(position, count) {
  const { data: weight } = await weights.tensor('ln_f.weight');
  const { data: bias } = await weights.tensor('ln_f.bias');
  const normalized = row(trace['ln_final.hook_normalized'], position);
  return first(
    normalized.map((value, i) => value * weight[i] + bias[i]),
    count,
  );
}

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
    const path = join(root, 'tests', 'gpt2', 'recorded.json');
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
