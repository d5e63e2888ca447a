// A small safetensors reader, independent of core/, for the checks.
import { open } from 'node:fs/promises';

/** @typedef {{dims: number[], data: Float32Array}} Tensor row-major */

const readers = {
  F32: (view, count) =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)),
  F16: (view, count) =>
    Float32Array.from({ length: count }, (_, i) => half(view.getUint16(2 * i, true))),
};

/** IEEE 754 binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export class SafetensorsFile {
  static async open(path) {
    const file = await open(path);
    const length = Number((await read(file, 0, 8)).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(await read(file, 8, length)));
    return new SafetensorsFile(file, header, 8 + length);
  }

  constructor(file, header, start) {
    this.file = file;
    this.header = header;
    this.start = start;
  }

  names() {
    return Object.keys(this.header).filter((name) => name !== '__metadata__');
  }

  /** A tensor by name, with or without the prefix "transformer.". */
  async tensor(name) {
    const entry = this.header[name] ?? this.header[`transformer.${name}`];
    if (!entry) throw new Error(`there is no tensor ${name}`);
    const [begin, end] = entry.data_offsets;
    const view = await read(this.file, this.start + begin, end - begin);
    const count = entry.shape.reduce((product, size) => product * size, 1);
    return { dims: entry.shape, data: readers[entry.dtype](view, count) };
  }

  close() {
    return this.file.close();
  }
}

async function read(file, position, length) {
  const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, position);
  if (bytesRead !== length) throw new Error('the file ends too early');
  return new DataView(buffer.buffer, 0, length);
}
