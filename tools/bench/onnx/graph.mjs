import { bytesOf, writeFileStreaming } from '../model/files.mjs';
import { sizeOf } from '../model/shape.mjs';
import { modelStart, node, tensor, tensorStart, types, valueInfo } from './messages.mjs';
import { byteLength, lengthPrefix, messageField, stringField } from './protobuf.mjs';

const arrays = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int64: BigInt64Array };

/** The fields of GraphProto. */
const fields = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };

/** An ONNX graph that is being put together. Values are referred to by name. */
export class Graph {
  #nodes = [];
  #inputs = [];
  #outputs = [];
  #constants = new Map();
  #weights = [];

  /** Adds a node with one output; returns the output's name. */
  add(operation, inputs, attributes) {
    return this.addMany(operation, inputs, 1, attributes)[0];
  }

  /** Adds a node with `count` outputs; returns their names. */
  addMany(operation, inputs, count, attributes) {
    const outputs = Array.from({ length: count }, (_, i) => `v${this.#nodes.length}_${i}`);
    this.#nodes.push({ operation, inputs, outputs, attributes });
    return outputs;
  }

  input(name, type, dims) {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** Makes `value` an output of the graph, called `name`. */
  output(name, value, type, dims) {
    this.#nodes.push({ operation: 'Identity', inputs: [value], outputs: [name] });
    this.#outputs.push({ name, type, dims });
  }

  /** A small constant: a number, or a list of them; equal ones are shared. */
  constant(type, value) {
    const name = `${type} ${JSON.stringify(Array.isArray(value) ? value.map(String) : String(value))}`;
    const values = [value].flat();
    const dims = Array.isArray(value) ? [values.length] : [];
    const elements = type === 'int64' ? values.map(BigInt) : values;
    this.#constants.set(name, { name, type, dims, values: arrays[type].from(elements) });
    return name;
  }

  /** A large constant: `make` resolves to its elements, a typed array, when the file is written. */
  weight(name, type, dims, make) {
    this.#weights.push({ name, type, dims, make });
    return name;
  }

  /** Writes the model to `file`. No more than one weight is in memory at a time. */
  async write(file) {
    const small = [
      ...this.#nodes.flatMap((each) => messageField(fields.node, node(each))),
      ...stringField(fields.name, 'gpt2'),
      ...[...this.#constants.values()].flatMap((each) =>
        messageField(fields.initializer, tensor(each, bytesOf(each.values))),
      ),
      ...this.#inputs.flatMap((each) => messageField(fields.input, valueInfo(each))),
      ...this.#outputs.flatMap((each) => messageField(fields.output, valueInfo(each))),
    ];
    const starts = this.#weights.map((weight) => {
      const length = sizeOf(weight.dims) * types[weight.type].bytes;
      const start = tensorStart(weight, length);
      const prefix = lengthPrefix(fields.initializer, byteLength(start) + length);
      return { ...weight, length, start: Buffer.concat([...prefix, ...start]) };
    });
    const size = starts.reduce(
      (sum, { start, length }) => sum + start.length + length,
      byteLength(small),
    );
    await writeFileStreaming(file, async (write) => {
      await write(Buffer.concat([...modelStart, ...lengthPrefix(7, size), ...small]));
      for (const { name, start, length, make } of starts) {
        const bytes = bytesOf(await make());
        if (bytes.length !== length)
          throw new Error(`${name}: ${bytes.length} bytes, not ${length}`);
        await write(start);
        await write(bytes);
      }
    });
  }
}
