// The wire format of protocol buffers, as much of it as an ONNX file needs:
// https://protobuf.dev/programming-guides/encoding/
// A message is a list of chunks of bytes, and so is each of its fields.

/** A whole number, seven bits a byte, the lowest first. Negative ones count as 64-bit. */
export function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const wireTypes = { varint: 0, lengthDelimited: 2, fixed32: 5 };
const tag = (field, wireType) => varint(field * 8 + wireType);

export const byteLength = (chunks) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

export const integerField = (field, value) => [tag(field, wireTypes.varint), varint(value)];

export function floatField(field, value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [tag(field, wireTypes.fixed32), bytes];
}

/** The bytes in front of a field of `length` bytes that follow elsewhere. */
export const lengthPrefix = (field, length) => [
  tag(field, wireTypes.lengthDelimited),
  varint(length),
];

export const messageField = (field, chunks) => [
  ...lengthPrefix(field, byteLength(chunks)),
  ...chunks,
];

export const bytesField = (field, bytes) => messageField(field, [bytes]);

export const stringField = (field, text) => bytesField(field, new TextEncoder().encode(text));
