import { readFileSync } from 'node:fs';

/** A tensor of a trace that the reference implementation wrote. */
export interface ReferenceTensor {
  dims: number[];
  at(...index: number[]): number;
}

export function readTrace(url: URL): (name: string) => ReferenceTensor {
  const file = readFileSync(url);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString());
  return (name) => {
    const { shape, data_offsets: offsets } = header[name];
    const start = 8 + length + offsets[0];
    return {
      dims: shape,
      at(...index) {
        const flat = index.reduce((sum, i, axis) => sum * shape[axis] + i, 0);
        return file.readFloatLE(start + 4 * flat);
      },
    };
  };
}
