// Downloads kept in Cache Storage, so that the next time needs no server, or only for the rest.
//
// A file is kept in parts of one size, each an entry of its own that is there as soon as its bytes
// are: a download that breaks off leaves a beginning. The entry at the file's own address comes
// last, when the content has proved good. It holds what follows the parts, which is all of a small
// file, and says how many there are. With it the file is used without asking the server.
//
// Every entry names the version of the file that it is of, and only entries of one version are used
// together. All of one version agree about the bytes at a place. So tabs that download the same
// file may write and delete each other's entries: the worst of it is a gap, where what is kept ends.
import { byteChunks } from './files.ts';

const storeName = 'glassformer-models';
const partBytes = 4 << 20;
const versionHeader = 'x-glassformer-version';
const partsHeader = 'x-glassformer-parts';
/** A disk this slow is not worth waiting for: the download matters more than its copy. */
const patienceMs = 10_000;

/** What is kept of one file. Failures of the disk (no room, no leave) are never those of a download. */
export class KeptFile {
  /** What follows the parts; only of a whole file. */
  rest: Response | undefined;
  /** The file's size, or 0 where the server cannot be asked for the rest, a space, and a name. */
  version = '';
  readonly #store: Cache;
  readonly #address: string;
  #parts = 0;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;
  #isWriting = true;
  #stored = Promise.resolve();

  private constructor(store: Cache, address: string) {
    this.#store = store;
    this.#address = address;
  }

  /** Null where there is no Cache Storage: insecure pages, sandboxed frames, Node. */
  static async find(address: string): Promise<KeptFile | null> {
    try {
      const store = await globalThis.caches?.open(storeName);
      if (!store) return null;
      const kept = new KeptFile(store, address);
      await kept.#look();
      return kept;
    } catch {
      return null;
    }
  }

  async #look() {
    const last = await this.#store.match(this.#address);
    // A file that was kept before there were parts is one with none.
    const needed = last ? Number(last.headers.get(partsHeader)) : Infinity;
    for (; this.#parts < needed; this.#parts += 1) {
      const version = (await this.#part(this.#parts))?.headers.get(versionHeader);
      if (!version || (this.#parts > 0 && version !== this.version)) break;
      this.version = version;
    }
    const isOne = needed === 0 || last?.headers.get(versionHeader) === this.version;
    if (this.#parts === needed && isOne) {
      this.rest = last;
      return;
    }
    if (last) await this.#store.delete(this.#address);
    // Something is left to ask the server for, so that it can say that this is still its file.
    const size = parseInt(this.version) || 0;
    this.#parts = Math.max(0, Math.min(this.#parts, Math.ceil(size / partBytes) - 1));
  }

  /** Of all parts. */
  get bytes(): number {
    return this.#parts * partBytes;
  }

  /** The parts. Where one cannot be read they end, and `bytes` says where. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < this.#parts; index += 1) {
      const bytes = await this.#readPart(index).catch(() => null);
      if (bytes?.length !== partBytes) this.#parts = index;
      else yield* byteChunks(bytes);
    }
  }

  async #readPart(index: number): Promise<Uint8Array | null> {
    const part = await this.#part(index);
    // Another tab may have put one of another version here meanwhile.
    const isOurs = part?.headers.get(versionHeader) === this.version;
    return part && isOurs ? new Uint8Array(await part.arrayBuffer()) : null;
  }

  /** From now on the file is written from its beginning. A version of null is like no other. */
  async restart(version: string | null): Promise<void> {
    if (version !== this.version) await this.#deleteAll();
    this.version = version ?? `0 ${Math.random()}`;
    this.#parts = 0;
  }

  /** Resolves when the next chunk, after those before and the parts, may come. It must not change. */
  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let begin = 0; this.#isWriting && begin < chunk.length;) {
      const piece = chunk.subarray(begin, begin + partBytes - this.#length);
      this.#pieces.push(piece);
      this.#length += piece.length;
      begin += piece.length;
      if (this.#length < partBytes) continue;
      await this.#inTime(this.#stored);
      this.#put(this.#partAddress(this.#parts));
      this.#parts += 1;
    }
  }

  /** All has been read, and is good. */
  async finish(): Promise<void> {
    if (this.rest) return;
    await this.#inTime(this.#stored);
    if (!this.#isWriting) return;
    // It may have been forgotten elsewhere while it came.
    const there = await this.#entries();
    if (there.length < this.#parts) return this.forget();
    this.#put(this.#address, { [partsHeader]: String(this.#parts) });
    await this.#inTime(this.#stored);
  }

  /** Leaves nothing. */
  async forget(): Promise<void> {
    this.#isWriting = false;
    await this.#inTime(this.#stored);
    await this.#deleteAll();
  }

  #put(address: string, headers: Record<string, string> = {}) {
    if (!this.#isWriting) return;
    const body = new Blob(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    headers['content-length'] = String(body.size);
    headers[versionHeader] = this.version;
    this.#stored = this.#store.put(address, new Response(body, { headers })).catch(() => {
      // No room: a copy that cannot become whole should not fill the disk.
      this.#isWriting = false;
      return this.#deleteAll();
    });
  }

  async #inTime(stored: Promise<void>) {
    let timer;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    const isLate = await Promise.race([stored, late.then(() => true)]);
    clearTimeout(timer);
    if (isLate) this.#isWriting = false;
  }

  #partAddress(index: number): string {
    return `${this.#address}?glassformer-part=${index}`;
  }

  #part(index: number): Promise<Response | undefined> {
    return this.#store.match(this.#partAddress(index));
  }

  async #entries(): Promise<readonly Request[]> {
    return this.#store.keys(this.#address, { ignoreSearch: true }).catch(() => []);
  }

  async #deleteAll() {
    for (const entry of await this.#entries()) {
      await this.#store.delete(entry).catch(() => false);
    }
  }
}
