// The safetensors container: 8 bytes with the length of a JSON header, the header, the tensors.
import { open } from 'node:fs/promises';
import { Failure } from '../../setup/failure.mjs';
import { sizeOf } from './shape.mjs';

/** The bytes before the first tensor of a file of f32 `tensors` ({name, dims}), in this order. */
export function safetensorsHeader(tensors) {
  let end = 0;
  const entries = tensors.map(({ name, dims }) => {
    const begin = end;
    end += 4 * sizeOf(dims);
    return [name, { dtype: 'F32', shape: dims, data_offsets: [begin, end] }];
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  const header = Buffer.alloc(8 + padded.length);
  header.writeBigUInt64LE(BigInt(padded.length));
  header.write(padded, 8);
  return header;
}

/** A checkpoint of f32 tensors on disk, read tensor by tensor. */
export class Checkpoint {
  static async open(path) {
    const file = await open(path);
    const start = Buffer.alloc(8);
    await file.read(start, 0, 8, 0);
    const header = Buffer.alloc(Number(start.readBigUInt64LE()));
    await file.read(header, 0, header.length, 8);
    return new Checkpoint(path, file, JSON.parse(header), 8 + header.length);
  }

  constructor(path, file, entries, start) {
    this.path = path;
    this.file = file;
    this.entries = entries;
    this.start = start;
  }

  #entry(name) {
    const entry = this.entries[name] ?? this.entries[`transformer.${name}`];
    if (!entry) throw new Failure(`${this.path} has no tensor ${name}.`);
    if (entry.dtype !== 'F32') {
      throw new Failure(`${this.path}: ${name} is ${entry.dtype}; peers' files are made from F32.`);
    }
    return entry;
  }

  dims(name) {
    return this.#entry(name).shape;
  }

  /** A tensor's numbers, row-major. */
  async values(name) {
    const [begin, end] = this.#entry(name).data_offsets;
    const bytes = new Uint8Array(end - begin);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.file.read(bytes, {
        offset: done,
        position: this.start + begin + done,
      });
      if (bytesRead === 0) throw new Failure(`${this.path} ends inside ${name}.`);
      done += bytesRead;
    }
    return new Float32Array(bytes.buffer);
  }

  close() {
    return this.file.close();
  }
}
