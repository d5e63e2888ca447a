// The GGUF container, version 3, little-endian:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
import { sizeOf } from '../model/shape.mjs';
import { blockBytes, blockSize } from './q8_0.mjs';

const alignment = 32;

/** The codes of the kinds of metadata that we write. */
const kinds = { uint32: 4, int32: 5, float32: 6, boolean: 7, string: 8, array: 9 };

const tensorTypes = {
  f32: { code: 0, bytes: (size) => 4 * size },
  q8_0: { code: 8, bytes: (size) => (size / blockSize) * blockBytes },
};

function numberBytes(length, set) {
  const bytes = new Uint8Array(length);
  set(new DataView(bytes.buffer));
  return bytes;
}

const uint32 = (value) => numberBytes(4, (view) => view.setUint32(0, value, true));
const uint64 = (value) => numberBytes(8, (view) => view.setBigUint64(0, BigInt(value), true));

function string(text) {
  const bytes = new TextEncoder().encode(text);
  return [uint64(bytes.length), bytes];
}

const writers = {
  uint32: (value) => [uint32(value)],
  int32: (value) => [numberBytes(4, (view) => view.setInt32(0, value, true))],
  float32: (value) => [numberBytes(4, (view) => view.setFloat32(0, value, true))],
  boolean: (value) => [Uint8Array.of(value ? 1 : 0)],
  string,
};

/** One pair of key and value; `kind` is 'uint32', ..., or 'string[]' and the like for lists. */
export function metadata(key, kind, value) {
  const element = kind.replace('[]', '');
  const chunks =
    element === kind
      ? [uint32(kinds[kind]), ...writers[kind](value)]
      : [
          uint32(kinds.array),
          uint32(kinds[element]),
          uint64(value.length),
          ...value.flatMap(writers[element]),
        ];
  return Buffer.concat([...string(key), ...chunks]);
}

/** The zeros between `length` bytes and the next boundary. */
export const padding = (length) => new Uint8Array((alignment - (length % alignment)) % alignment);

/**
 * Everything in front of the tensors' data. `pairs` come from `metadata`; `tensors` are {name, type,
 * dims} with row-major dims, the outermost first; the data of each is padded to 32 bytes.
 */
export function ggufHeader(pairs, tensors) {
  let offset = 0;
  const infos = tensors.flatMap(({ name, type, dims }) => {
    const { code, bytes } = tensorTypes[type];
    const start = offset;
    const length = bytes(sizeOf(dims));
    offset += length + padding(length).length;
    // ggml counts axes from the innermost.
    const axes = dims.toReversed().map(uint64);
    return [...string(name), uint32(dims.length), ...axes, uint32(code), uint64(start)];
  });
  const header = Buffer.concat([
    new TextEncoder().encode('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(pairs.length),
    ...pairs,
    ...infos,
  ]);
  return Buffer.concat([header, padding(header.length)]);
}
