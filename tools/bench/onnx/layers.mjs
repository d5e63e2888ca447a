// How a graph's matrix products and embeddings are written: in f32, or in q8 as onnxruntime's
// quantize_dynamic would. Shapes: T tokens, C width, V vocabulary.
import { quantizeColumns, quantizeWhole, transpose } from './quantize.mjs';

/** x [1, T, in] times a matrix [in, out]; rows of a table. */
export class FloatLayers {
  constructor(graph, checkpoint) {
    this.graph = graph;
    this.checkpoint = checkpoint;
  }

  vector(name) {
    const dims = this.checkpoint.dims(name);
    return this.graph.weight(name, 'float32', dims, () => this.checkpoint.values(name));
  }

  /** `stored` is 'transposed' where the checkpoint has [out, in]. */
  product(x, name, { stored } = {}) {
    const dims = this.checkpoint.dims(name);
    const weight =
      stored === 'transposed'
        ? this.graph.weight(`${name}.transposed`, 'float32', dims.toReversed(), async () =>
            transpose(await this.checkpoint.values(name), dims[1]),
          )
        : this.vector(name);
    return this.graph.add('MatMul', [x, weight]);
  }

  rows(name, indices) {
    return this.graph.add('Gather', [this.vector(name), indices], { axis: 0 });
  }
}

/**
 * Activations become uint8 with one scale and zero point for all of them, at run time; weights are
 * int8 with a scale for each column; embeddings are int8 with one scale.
 */
export class QuantizedLayers extends FloatLayers {
  #quantizedInputs = new Map();

  product(x, name, { stored } = {}) {
    const { graph, checkpoint } = this;
    const dims = checkpoint.dims(name);
    const [rows, columns] = stored === 'transposed' ? dims.toReversed() : dims;
    // Both initializers come from one pass over the matrix; the second clears it.
    let parts;
    const quantize = async () => {
      const values = await checkpoint.values(name);
      const ordered = stored === 'transposed' ? transpose(values, dims[1]) : values;
      return quantizeColumns(ordered, columns);
    };
    const weight = graph.weight(`${name}.int8`, 'int8', [rows, columns], async () => {
      parts = await quantize();
      return parts.quantized;
    });
    const scales = graph.weight(`${name}.scales`, 'float32', [columns], async () => {
      const values = parts.scales;
      parts = undefined;
      return values;
    });
    const [quantized, scale, zero] = this.#quantizedInput(x);
    const sums = graph.add('MatMulInteger', [quantized, weight, zero]);
    const floats = graph.add('Cast', [sums], { to: 1 });
    return graph.add('Mul', [floats, graph.add('Mul', [scale, scales])]);
  }

  #quantizedInput(x) {
    if (!this.#quantizedInputs.has(x)) {
      this.#quantizedInputs.set(x, this.graph.addMany('DynamicQuantizeLinear', [x], 3));
    }
    return this.#quantizedInputs.get(x);
  }

  rows(name, indices) {
    const { graph, checkpoint } = this;
    const dims = checkpoint.dims(name);
    let scale;
    const table = graph.weight(`${name}.rows.int8`, 'int8', dims, async () => {
      const parts = quantizeWhole(await checkpoint.values(name));
      scale = parts.scale;
      return parts.quantized;
    });
    const scaleName = graph.weight(`${name}.rows.scale`, 'float32', [], async () =>
      Float32Array.of(scale),
    );
    const picked = graph.add('Gather', [table, indices], { axis: 0 });
    return graph.add('DequantizeLinear', [picked, scaleName, graph.constant('int8', 0)]);
  }
}
