// Tensors as files that other programs open.
import { zipOf } from './zip.ts';

interface Values {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const utf8 = new TextEncoder();

/** The numbers' bytes; what runs WebAssembly keeps them in little-endian order. */
const bytesOf = (data: Float32Array) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** NumPy's own format, version 1.0 (NEP 1). */
export function toNpy({ dims, data }: Values): Uint8Array<ArrayBuffer> {
  // A tuple of one has a comma.
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`;
  const before = 10; // magic, version, the header's length
  const aligned = Math.ceil((before + text.length + 1) / 64) * 64;
  const header = utf8.encode(text.padEnd(aligned - before - 1) + '\n');
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);
  const length = Uint8Array.of(header.length & 0xff, header.length >> 8);
  return joined([magic, length, header, bytesOf(data)]);
}

/** What `numpy.load` opens as a dictionary: a zip file with an .npy for each tensor. */
export function toNpz(tensors: Iterable<Values>): Uint8Array<ArrayBuffer> {
  return zipOf(
    Array.from(tensors, (tensor) => ({ name: `${tensor.name}.npy`, bytes: toNpy(tensor) })),
  );
}

export function toSafetensors(tensors: Iterable<Values>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let place = 0;
  for (const { name, dims, data } of tensors) {
    const end = place + data.byteLength;
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [place, end] };
    parts.push(bytesOf(data));
    place = end;
  }
  const json = utf8.encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(padded.length), true);
  return joined([new Uint8Array(length.buffer), padded, ...parts]);
}

/**
 * A line for each row of the last axis: the indices of the axes before it, then the row. Names of
 * the columns are i, j, ... and the numbers of the last axis.
 */
export function toCSV({ dims, data }: Values): string {
  const width = dims.at(-1) ?? 1;
  const outer = dims.slice(0, -1);
  const names = [...outer.map((_, axis) => 'ijklmn'[axis]!), ...Array(width).keys()];
  const lines = [names.join(',')];
  for (let row = 0; row * width < data.length; ++row) {
    let rest = row;
    const index = outer.map((_, axis) => {
      const size = outer.slice(axis + 1).reduce((all, dim) => all * dim, 1);
      const i = Math.floor(rest / size);
      rest %= size;
      return i;
    });
    lines.push([...index, ...data.subarray(row * width, (row + 1) * width)].join(','));
  }
  return lines.join('\n') + '\n';
}
