// The messages of onnx.proto that our graphs use, by its field numbers:
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import {
  bytesField,
  floatField,
  integerField,
  lengthPrefix,
  messageField,
  stringField,
} from './protobuf.mjs';

/** TensorProto.DataType, and how many bytes an element takes. */
export const types = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int8: { code: 3, bytes: 1 },
  int64: { code: 7, bytes: 8 },
};

function attribute(name, value) {
  const [kind, chunks] = Array.isArray(value)
    ? [7, value.flatMap((each) => integerField(8, each))]
    : Number.isInteger(value)
      ? [2, integerField(3, value)]
      : [1, floatField(2, value)];
  return messageField(5, [...stringField(1, name), ...chunks, ...integerField(20, kind)]);
}

/** NodeProto. Attributes are whole numbers, lists of them, or (not whole) floats. */
export const node = ({ operation, inputs, outputs, attributes = {} }) => [
  ...inputs.flatMap((name) => stringField(1, name)),
  ...outputs.flatMap((name) => stringField(2, name)),
  ...stringField(3, `${operation}:${outputs[0]}`),
  ...stringField(4, operation),
  ...Object.entries(attributes).flatMap(([name, value]) => attribute(name, value)),
];

/** ValueInfoProto. A dimension is a number, or a name where it varies. */
export function valueInfo({ name, type, dims }) {
  const shape = dims.flatMap((dim) =>
    messageField(1, typeof dim === 'number' ? integerField(1, dim) : stringField(2, dim)),
  );
  const tensorType = [...integerField(1, types[type].code), ...messageField(2, shape)];
  return [...stringField(1, name), ...messageField(2, messageField(1, tensorType))];
}

/** TensorProto, up to its `length` raw bytes, which must follow. */
export const tensorStart = ({ name, type, dims }, length) => [
  ...dims.flatMap((dim) => integerField(1, dim)),
  ...integerField(2, types[type].code),
  ...stringField(8, name),
  ...lengthPrefix(9, length),
];

/** A whole TensorProto. */
export const tensor = (description, bytes) => [...tensorStart(description, bytes.length), bytes];

/** ModelProto without its graph: opset 17 is the first with LayerNormalization. */
export const modelStart = [
  ...integerField(1, 8),
  ...stringField(2, 'glassformer-bench'),
  ...messageField(8, [...bytesField(1, new Uint8Array()), ...integerField(2, 17)]),
];
