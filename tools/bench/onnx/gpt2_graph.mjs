// GPT-2 as an ONNX graph, in the operators that PyTorch's exporter writes for it. Shapes: T tokens
// of this run, P tokens in the cache, S = P + T, C width, H heads, D head width, V vocabulary.
import { Graph } from './graph.mjs';
import { FloatLayers, QuantizedLayers } from './layers.mjs';

const layersOf = { f32: FloatLayers, q8: QuantizedLayers };

/**
 * @param {object} options
 * @param {'f32'|'q8'} options.dtype
 * @param {'cache'|'attention'} options.returns
 *   'cache': inputs input_ids [1,T] and past_key_values.i.key|value [1,H,P,D], outputs logits [1,1,V]
 *   of the last position and present.i.key|value [1,H,S,D].
 *   'attention': input `input` [1,T], outputs linear_output [1,1,V] and, as Transformer Explainer's
 *   graph has them, block_i_attn_head_j_(attn|attn_scaled|attn_masked|attn_softmax|attn_dropout)
 *   [1,T,T].
 */
export function gpt2Graph(checkpoint, config, { dtype, returns }) {
  const graph = new Graph();
  const layers = new layersOf[dtype](graph, checkpoint);
  const builder = new Builder(
    graph,
    layers,
    config,
    returns === 'cache' ? withCache : withAttention,
  );
  builder.build();
  return graph;
}

/** Names and outputs of the graph that generates. */
const withCache = {
  ids: 'input_ids',
  logits: 'logits',
  past: (builder, i, kind) =>
    builder.graph.input(`past_key_values.${i}.${kind}`, 'float32', builder.cacheDims('P')),
  present: (builder, i, kind, value) =>
    builder.graph.output(`present.${i}.${kind}`, value, 'float32', builder.cacheDims('S')),
  attention: () => {},
};

/** Names and outputs of the graph that shows. */
const withAttention = {
  ids: 'input',
  logits: 'linear_output',
  past: () => undefined,
  present: () => {},
  attention: ({ graph, config }, i, values) => {
    for (let head = 0; head < config.n_head; head += 1) {
      for (const [kind, value] of Object.entries(values)) {
        const one = graph.add('Gather', [value, graph.constant('int64', head)], { axis: 1 });
        graph.output(`block_${i}_attn_head_${head}_${kind}`, one, 'float32', [1, 'T', 'T']);
      }
    }
  },
};

class Builder {
  constructor(graph, layers, config, face) {
    Object.assign(this, { graph, layers, config, face });
  }

  cacheDims(length) {
    const { n_head, n_embd } = this.config;
    return [1, n_head, length, n_embd / n_head];
  }

  float = (value) => this.graph.constant('float32', value);
  integer = (value) => this.graph.constant('int64', value);

  build() {
    const { graph, layers, config, face } = this;
    const ids = graph.input(face.ids, 'int64', [1, 'T']);
    const pasts = Array.from({ length: config.n_layer }, (_, i) => ({
      key: face.past(this, i, 'key'),
      value: face.past(this, i, 'value'),
    }));
    const before = pasts[0].key ? this.sizeOfAxis(pasts[0].key, 2) : this.integer(0);
    const end = graph.add('Add', [before, this.sizeOfAxis(ids, 1)]);
    const range = (from) => graph.add('Range', [from, end, this.integer(1)]);
    const positions = range(before);
    // [T, S]: a token sees itself and what came before it.
    this.visible = graph.add('LessOrEqual', [
      graph.add('Unsqueeze', [range(this.integer(0)), this.integer([0])]),
      graph.add('Unsqueeze', [positions, this.integer([1])]),
    ]);

    let x = graph.add('Add', [
      layers.rows('wte.weight', ids),
      layers.rows('wpe.weight', positions),
    ]);
    for (let i = 0; i < config.n_layer; i += 1) x = this.block(x, i, pasts[i]);
    const last = graph.add('Gather', [x, this.integer([-1])], { axis: 1 });
    const logits = layers.product(this.layerNorm(last, 'ln_f'), 'wte.weight', {
      stored: 'transposed',
    });
    graph.output(face.logits, logits, 'float32', [1, 1, config.vocab_size]);
  }

  sizeOfAxis(value, axis) {
    const shape = this.graph.add('Shape', [value]);
    return this.graph.add('Gather', [shape, this.integer(axis)], { axis: 0 });
  }

  block(x, i, past) {
    const { graph } = this;
    const attended = this.attention(this.layerNorm(x, `h.${i}.ln_1`), i, past);
    const middle = graph.add('Add', [x, attended]);
    const inner = this.linear(this.layerNorm(middle, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`);
    return graph.add('Add', [middle, this.linear(this.gelu(inner), `h.${i}.mlp.c_proj`)]);
  }

  attention(x, i, past) {
    const { graph, config, face } = this;
    const { n_head: H, n_embd: C } = config;
    const split = graph.addMany('Split', [this.linear(x, `h.${i}.attn.c_attn`)], 3, { axis: 2 });
    const [query, ...ofTokens] = split.map((part) => {
      const heads = graph.add('Reshape', [part, this.integer([1, -1, H, C / H])]);
      return graph.add('Transpose', [heads], { perm: [0, 2, 1, 3] });
    });
    const [key, value] = ['key', 'value'].map((kind, n) => {
      const all = past[kind]
        ? graph.add('Concat', [past[kind], ofTokens[n]], { axis: 2 })
        : ofTokens[n];
      face.present(this, i, kind, all);
      return all;
    });
    const transposed = graph.add('Transpose', [key], { perm: [0, 1, 3, 2] });
    const attn = graph.add('MatMul', [query, transposed]);
    const attn_scaled = graph.add('Mul', [attn, this.float(1 / Math.sqrt(C / H))]);
    const attn_masked = graph.add('Where', [this.visible, attn_scaled, this.float(-Infinity)]);
    const attn_softmax = graph.add('Softmax', [attn_masked], { axis: -1 });
    // Dropout does nothing after training; the exporter leaves it out.
    const attn_dropout = attn_softmax;
    face.attention(this, i, { attn, attn_scaled, attn_masked, attn_softmax, attn_dropout });
    const mixed = graph.add('MatMul', [attn_softmax, value]);
    const rows = graph.add('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    const joined = graph.add('Reshape', [rows, this.integer([1, -1, C])]);
    return this.linear(joined, `h.${i}.attn.c_proj`);
  }

  linear(x, name) {
    const product = this.layers.product(x, `${name}.weight`);
    return this.graph.add('Add', [product, this.layers.vector(`${name}.bias`)]);
  }

  layerNorm(x, name) {
    const { graph, layers, config } = this;
    const inputs = [x, layers.vector(`${name}.weight`), layers.vector(`${name}.bias`)];
    return graph.add('LayerNormalization', inputs, {
      axis: -1,
      epsilon: config.layer_norm_epsilon,
    });
  }

  /** The tanh form, in the pattern that onnxruntime replaces by one kernel. */
  gelu(x) {
    const { graph } = this;
    const cube = graph.add('Pow', [x, this.float(3)]);
    const sum = graph.add('Add', [x, graph.add('Mul', [cube, this.float(0.044715)])]);
    const tanh = graph.add('Tanh', [graph.add('Mul', [sum, this.float(Math.sqrt(2 / Math.PI))])]);
    const half = graph.add('Mul', [x, this.float(0.5)]);
    return graph.add('Mul', [half, graph.add('Add', [tanh, this.float(1)])]);
  }
}
