// Recorded values from inside the model. Some were recorded by applying one layer to plain token
// embeddings, which no forward pass does; edits put the embeddings where that layer reads.
import { assertClose, RELATIVE_TOLERANCE, row } from './numbers.mjs';

/**
 * Each form of "what", and how its vector is had from a TestedModel. Matches are passed as strings;
 * ids are token ids, h.N is block N, [:n] the first n entries.
 */
const forms = [
  [/^wte\[(\d+)\]\[:(\d+)\]$/, (model, id) => embeddingsOf(model, [Number(id)])],
  [
    /^h\.(\d+)\.mlp\.c_fc applied to wte\[(\d+)\] \(x@W\+b\)\[:(\d+)\]$/,
    async (model, block, id) => {
      const x = await embeddingsOf(model, [Number(id)]);
      const edit = await asLayerNormOutput(model, block, 2, x);
      return activation(model, [Number(id)], `blocks.${block}.mlp.hook_pre`, [edit]);
    },
  ],
  [
    /^h\.(\d+)\.ln_1\(wte\[(\d+)\]\)\[:(\d+)\]$/,
    async (model, block, id) => {
      const { data } = await embeddingsOf(model, [Number(id)]);
      const edit = { name: `blocks.${block}.hook_resid_pre`, op: 'set', value: data };
      const hook = `blocks.${block}.ln1.hook_normalized`;
      const normalized = await activation(model, [Number(id)], hook, [edit]);
      return layerNormOutput(model, `h.${block}.ln_1`, normalized);
    },
  ],
  [
    /^h\.(\d+)\.attn \(c_attn->causal attn->c_proj\) on raw wte of \[([\d,]+)\], token(\d+)\[:(\d+)\]$/,
    async (model, block, list) => {
      const ids = list.split(',').map(Number);
      const x = await embeddingsOf(model, ids);
      const edit = await asLayerNormOutput(model, block, 1, x);
      return activation(model, ids, `blocks.${block}.hook_attn_out`, [edit]);
    },
  ],
  [
    /^final hidden state \(after ln_f\), ids \[([\d,]+)\], position (\d+), \[:(\d+)\]$/,
    async (model, list) => {
      const ids = list.split(',').map(Number);
      return layerNormOutput(
        model,
        'ln_f',
        await activation(model, ids, 'ln_final.hook_normalized'),
      );
    },
  ],
];

/** Entries {src, what, value}; "... tokenT[:n]" repeats the entry before it at another token. */
export function intermediateChecks(entries) {
  let previous = '';
  return entries.map(({ src, what, value }) => {
    const full = what.replace(/^\.\.\. /, previous.replace(/token\d+\[:\d+\]$/, ''));
    previous = full;
    const atol = full.match(/, atol ([\d.e-]+)$/);
    const bare = full.replace(/, atol [\d.e-]+$/, '');
    const form = forms.find(([pattern]) => pattern.test(bare));
    if (!form) throw new Error(`recorded intermediates: "${what}" is not understood`);
    const [pattern, compute] = form;
    const matches = bare.match(pattern).slice(1);
    const count = Number(matches.at(-1));
    if (count !== value.length)
      throw new Error(`recorded intermediates: "${what}": ${value.length} values`);
    const position = Number(bare.match(/(?:token|position )(\d+)/)?.[1] ?? 0);
    const largest = Math.max(...value.map(Math.abs));
    const tolerance = atol ? Number(atol[1]) : RELATIVE_TOLERANCE * largest;
    const check = async (model) => {
      const actual = row(await compute(model, ...matches), position);
      assertClose(full, Array.from(actual.subarray(0, count)), value, tolerance);
    };
    return { name: `${full} (${src})`, skip: null, check };
  });
}

async function activation(model, ids, name, edits = []) {
  return (await model.run(ids, { names: [name], edits })).get(name);
}

/** wte[ids], [T, C]. */
const embeddingsOf = (model, ids) => activation(model, ids, 'hook_embed');

/** normalized * weight + bias: what the layer norm hands on. [T, C] */
async function layerNormOutput(model, layer, { dims, data }) {
  const [weight, bias] = await parametersOf(model, layer);
  const width = dims.at(-1);
  return { dims, data: data.map((value, i) => value * weight[i % width] + bias[i % width]) };
}

/** The edit of lnK.hook_normalized that makes the layer norm hand on `x` itself. */
async function asLayerNormOutput(model, block, k, { dims, data }) {
  const [weight, bias] = await parametersOf(model, `h.${block}.ln_${k}`);
  const width = dims.at(-1);
  const value = data.map((x, i) => {
    const scale = weight[i % width];
    if (scale === 0) throw new Error(`h.${block}.ln_${k}.weight[${i % width}] is 0`);
    return (x - bias[i % width]) / scale;
  });
  return { name: `blocks.${block}.ln${k}.hook_normalized`, op: 'set', value };
}

async function parametersOf(model, layer) {
  const tensors = [await model.weight(`${layer}.weight`), await model.weight(`${layer}.bias`)];
  return tensors.map(({ data }) => data);
}
