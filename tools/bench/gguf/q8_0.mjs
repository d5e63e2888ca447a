// ggml's block format q8_0: 32 numbers as one f16 scale d and 32 int8 q, each meaning d * q.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

export const blockSize = 32;
export const blockBytes = 2 + blockSize;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The bits of the IEEE 754 half nearest to a finite value, ties to even. */
export function halfBits(value) {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const size = Math.abs(float[0]);
  if (size >= 65520) return sign | 0x7c00; // rounds to more than the largest half: infinity
  // Below the smallest normal half, steps are 2^-24; above it they grow with the exponent.
  const exponent = Math.max((bits[0] >>> 23) & 0xff, 113) - 127;
  const steps = roundHalfToEven(size / 2 ** (exponent - 10));
  // A full fraction carries into the exponent by itself.
  return sign | (size < 2 ** -14 ? steps : ((exponent + 14) << 10) + steps);
}

function roundHalfToEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The bytes of `values`, whose number is a multiple of 32. */
export function quantizeQ8_0(values) {
  const bytes = new Uint8Array((values.length / blockSize) * blockBytes);
  const view = new DataView(bytes.buffer);
  for (let begin = 0, at = 0; begin < values.length; begin += blockSize, at += blockBytes) {
    let size = 0;
    for (let i = begin; i < begin + blockSize; i += 1) size = Math.max(size, Math.abs(values[i]));
    const inverse = size === 0 ? 0 : 127 / size;
    view.setUint16(at, halfBits(size / 127), true);
    for (let i = 0; i < blockSize; i += 1) {
      view.setInt8(at + 2 + i, Math.round(values[begin + i] * inverse));
    }
  }
  return bytes;
}
