// What another project might have recorded of the embedded stories model, in each form that
// recorded.json has: from its golden trace, its golden continuation, and independent arithmetic.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mean, meanLoss, row } from './numbers.mjs';
import { referenceModel } from './reference_model.mjs';
import { SafetensorsFile } from './safetensors.mjs';

const root = join(import.meta.dirname, '..', '..');
const golden = join(root, 'tests', 'golden', 'stories');

export const storiesFolder = join(root, 'weights', 'stories');

export const { prompt, ids, greedy_24 } = JSON.parse(
  readFileSync(join(golden, 'greedy.json'), 'utf8'),
);
// Enough of the continuation to tell; the reference has no cache, and each token is a whole pass.
const continued = greedy_24.slice(0, 4);
const text = `${prompt} named Lily. She`;
const rest = text.slice(4, prompt.length);

let shared;
/** The arithmetic that the records come from, as a TestedModel. */
export function storiesReference() {
  const vocabulary = new Map([
    [prompt, ids],
    [text, [...ids, ...continued]],
    [rest, ids.slice(1)],
  ]);
  return (shared ??= referenceModel(storiesFolder, vocabulary));
}

/** The golden trace: {name: {dims, data}}. */
export async function goldenTrace() {
  const file = await SafetensorsFile.open(join(golden, 'trace.safetensors'));
  const tensors = {};
  for (const name of file.names()) tensors[name] = await file.tensor(name);
  await file.close();
  return tensors;
}

const first = (values, count) => Array.from(values.subarray(0, count));
const weight = async (name) => (await (await storiesReference()).weight(name)).data;
const logitsOf = async (tokens) => (await (await storiesReference()).run(tokens, {})).get('logits');

export async function recordedOfStories() {
  const trace = await goldenTrace();
  const { logits } = trace;
  const columns = [0, 1, 100, 4095];
  const at = (t) => row(logits, t);
  const shape = logits.dims.join();
  const argmaxes = ids.map((_, t) => at(t).indexOf(Math.max(...at(t))));
  const wte = row({ dims: [trace.hook_embed.dims[1]], data: await weight('wte.weight') }, ids[0]);
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
        value: await finalHidden(trace, 2, 5),
      },
    ],
    losses: [
      {
        src: 'golden',
        text: rest,
        ids_with_bos: ids,
        mean_nll: meanLoss(logits, ids.slice(1)),
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

/** The first `count` of x @ W[:, start:] + b[start:]. */
async function linear(x, name, count, start = 0) {
  const [matrix, bias] = [await weight(`${name}.weight`), await weight(`${name}.bias`)];
  return Array.from({ length: count }, (_, m) =>
    x.reduce((sum, value, n) => sum + value * matrix[n * bias.length + start + m], bias[start + m]),
  );
}

async function lnOne(x, count) {
  const [gain, bias] = [await weight('h.0.ln_1.weight'), await weight('h.0.ln_1.bias')];
  const centre = mean(x);
  const scale = Math.sqrt(mean(Array.from(x, (value) => (value - centre) ** 2)) + 1e-5);
  return first(
    x.map((value, i) => ((value - centre) / scale) * gain[i] + bias[i]),
    count,
  );
}

async function attentionToItself(x, count) {
  const values = await linear(x, 'h.0.attn.c_attn', x.length, 2 * x.length);
  return linear(values, 'h.0.attn.c_proj', count);
}

async function finalHidden(trace, position, count) {
  const [gain, bias] = [await weight('ln_f.weight'), await weight('ln_f.bias')];
  const normalized = row(trace['ln_final.hook_normalized'], position);
  return first(
    normalized.map((value, i) => value * gain[i] + bias[i]),
    count,
  );
}
