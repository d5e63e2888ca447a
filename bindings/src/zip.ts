// A zip file without compression (PKWARE's APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16): all
// that .npz needs, so that the package depends on nothing.
import { GlassformerError } from './errors.ts';

interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const utf8 = new TextEncoder();
const mostBytes = 2 ** 32 - 1;
const mostEntries = 2 ** 16 - 1;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Numbers of 2 or 4 bytes, one after the other. */
function record(fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((size, [bytes]) => size + bytes, 0)));
  let place = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(place, value, true);
    else view.setUint32(place, value, true);
    place += bytes;
  }
  return new Uint8Array(view.buffer);
}

export function zipOf(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let place = 0;
  let directorySize = 0;
  for (const { name, bytes } of entries) {
    const path = utf8.encode(name);
    const common = [
      [2, 20], // the version that is needed
      [2, 0x0800], // names are UTF-8
      [2, 0], // stored as it is
      [2, 0], // midnight
      [2, 0x21], // 1980-01-01: the same tensors give the same file
      [4, crc32(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [2, path.length],
      [2, 0],
    ] as const;
    const central = record([
      [4, 0x02014b50],
      [2, 20],
      ...common,
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, place],
    ]);
    const local = record([[4, 0x04034b50], ...common]);
    files.push(local, path, bytes);
    directory.push(central, path);
    place += local.length + path.length + bytes.length;
    directorySize += central.length + path.length;
  }
  if (place + directorySize > mostBytes || entries.length > mostEntries) {
    throw new GlassformerError(
      'bad-option',
      `${entries.length} tensors of ${Math.ceil(place / 1e6)} MB do not fit into one .npz file`,
    );
  }
  const end = record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directorySize],
    [4, place],
    [2, 0],
  ]);
  const zip = new Uint8Array(place + directorySize + end.length);
  let at = 0;
  for (const part of [...files, ...directory, end]) {
    zip.set(part, at);
    at += part.length;
  }
  return zip;
}
