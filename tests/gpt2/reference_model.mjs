// GPT-2 (Radford et al. 2019) in float64 and in the plainest form, as a TestedModel (models.mjs) that
// owes nothing to core/: the checks themselves are tested on it. Shapes: T tokens, C width, H heads.
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { argmax, row } from './numbers.mjs';
import { SafetensorsFile } from './safetensors.mjs';

/**
 * @param {Map<string, number[]>} vocabulary the texts that encode knows, each with its ids
 */
export async function referenceModel(folder, vocabulary) {
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const file = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  const weights = {};
  for (const name of file.names()) weights[name] = (await file.tensor(name)).data;
  await file.close();
  // The checks ask for the same passes again and again.
  const passes = new Map();
  const pass = (ids, edits = []) => {
    const key = JSON.stringify([ids, edits.map(({ name, value }) => [name, [...value]])]);
    if (!passes.has(key)) passes.set(key, forward(config, weights, ids, edits));
    return passes.get(key);
  };
  return {
    encode: async (text) => vocabulary.get(text),
    decode: async (ids) => {
      const same = ([, known]) => known.join() === ids.join();
      return [...vocabulary].find(same)?.[0];
    },
    run: async (ids, { edits }) => pass(ids, edits),
    generate: async (prompt, count) => {
      const ids = [...vocabulary.get(prompt)];
      const first = ids.length;
      while (ids.length < first + count)
        ids.push(argmax(row(pass(ids).get('logits'), ids.length - 1)));
      return ids.slice(first);
    },
    weight: async (name) => ({ data: weights[name] }),
    close: async () => {},
  };
}

/** All activations that the checks read, under their names. Only edits that set a whole tensor. */
function forward(config, weights, ids, edits) {
  const { n_embd: C, n_head: H, vocab_size: V, layer_norm_epsilon: epsilon } = config;
  const T = ids.length;
  const trace = new Map();
  const keep = (name, width, data) => {
    const edit = edits.find((candidate) => candidate.name === name);
    const kept = edit ? Float64Array.from(edit.value) : data;
    trace.set(name, { dims: [T, width], data: kept });
    return kept;
  };
  const linear = (x, name) => matmul(x, weights[`${name}.weight`], weights[`${name}.bias`], T);
  const layerNorm = (x, name, hook) => {
    const normalized = keep(`${hook}.hook_normalized`, C, normalize(x, C, epsilon));
    const [w, b] = [weights[`${name}.weight`], weights[`${name}.bias`]];
    return normalized.map((value, i) => value * w[i % C] + b[i % C]);
  };
  const add = (a, b) => a.map((value, i) => value + b[i]);
  const rows = (table, of) =>
    Float64Array.from({ length: T * C }, (_, i) => table[of(i) * C + (i % C)]);

  const embedded = keep(
    'hook_embed',
    C,
    rows(weights['wte.weight'], (i) => ids[Math.floor(i / C)]),
  );
  let x = add(
    embedded,
    rows(weights['wpe.weight'], (i) => Math.floor(i / C)),
  );
  for (let n = 0; n < config.n_layer; n += 1) {
    const [from, hook] = [`h.${n}`, `blocks.${n}`];
    x = keep(`${hook}.hook_resid_pre`, C, x);
    const qkv = linear(layerNorm(x, `${from}.ln_1`, `${hook}.ln1`), `${from}.attn.c_attn`);
    const attended = linear(attention(qkv, T, C, H), `${from}.attn.c_proj`);
    x = add(x, keep(`${hook}.hook_attn_out`, C, attended));
    const inner = linear(layerNorm(x, `${from}.ln_2`, `${hook}.ln2`), `${from}.mlp.c_fc`);
    const pre = keep(`${hook}.mlp.hook_pre`, inner.length / T, inner);
    x = add(x, linear(pre.map(gelu), `${from}.mlp.c_proj`));
  }
  const last = layerNorm(x, 'ln_f', 'ln_final');
  const logits = new Float64Array(T * V);
  const head = weights['wte.weight'];
  for (let t = 0; t < T; t += 1) {
    for (let v = 0; v < V; v += 1) {
      let sum = 0;
      for (let c = 0; c < C; c += 1) sum += last[t * C + c] * head[v * C + c];
      logits[t * V + v] = sum;
    }
  }
  keep('logits', V, logits);
  return trace;
}

/** x [T, N] times w [N, M], plus b [M]. */
function matmul(x, w, b, T) {
  const [N, M] = [x.length / T, b.length];
  const y = new Float64Array(T * M);
  for (let t = 0; t < T; t += 1) {
    const out = y.subarray(t * M, (t + 1) * M);
    out.set(b);
    for (let n = 0; n < N; n += 1) {
      const value = x[t * N + n];
      for (let m = 0; m < M; m += 1) out[m] += value * w[n * M + m];
    }
  }
  return y;
}

function normalize(x, C, epsilon) {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += C) {
    const part = x.subarray(start, start + C);
    const mean = part.reduce((sum, value) => sum + value, 0) / C;
    const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / C;
    const scale = Math.sqrt(variance + epsilon);
    part.forEach((value, i) => (y[start + i] = (value - mean) / scale));
  }
  return y;
}

/** qkv [T, 3C] -> the heads' weighted sums of values, side by side [T, C]. */
function attention(qkv, T, C, H) {
  const D = C / H;
  const z = new Float64Array(T * C);
  for (let h = 0; h < H; h += 1) {
    for (let q = 0; q < T; q += 1) {
      const scores = Array.from({ length: q + 1 }, (_, k) => {
        let sum = 0;
        for (let d = h * D; d < (h + 1) * D; d += 1)
          sum += qkv[q * 3 * C + d] * qkv[k * 3 * C + C + d];
        return sum / Math.sqrt(D);
      });
      const largest = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - largest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      powers.forEach((power, k) => {
        for (let d = h * D; d < (h + 1) * D; d += 1) {
          z[q * C + d] += (power / total) * qkv[k * 3 * C + 2 * C + d];
        }
      });
    }
  }
  return z;
}

/** The tanh form (Hendrycks and Gimpel 2016). */
function gelu(x) {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
