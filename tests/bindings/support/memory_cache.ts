// Cache Storage as far as the package uses it, in memory, with a quota.

interface Entry {
  content: Uint8Array;
  readonly headers: Headers;
}

export class MemoryCacheStorage {
  readonly entries = new Map<string, Entry>();
  /** Bytes of all entries together. */
  quota = Infinity;
  /** Waited for before anything is written. */
  disk: Promise<void> = Promise.resolve();

  /** What is kept of a file: its parts in order, and what follows them. */
  contentOf(address: string): Uint8Array {
    const parts = [...this.entries.keys()]
      .filter((key) => key.startsWith(`${address}?`))
      .sort((a, b) => Number(a.split('=')[1]) - Number(b.split('=')[1]));
    const pieces = [...parts, address].map((key) => this.entries.get(key)?.content ?? []);
    return new Uint8Array(Buffer.concat(pieces.map((piece) => Uint8Array.from(piece))));
  }

  async open(_name: string) {
    const { entries } = this;
    return {
      match: async (address: string) => {
        const entry = entries.get(address);
        return entry && new Response(entry.content as BodyInit, { headers: entry.headers });
      },
      put: async (address: string, response: Response) => {
        const content = new Uint8Array(await response.arrayBuffer());
        await this.disk;
        const others = [...entries].filter(([key]) => key !== address);
        const used = others.reduce((sum, [, entry]) => sum + entry.content.length, 0);
        if (used + content.length > this.quota) throw new DOMException('', 'QuotaExceededError');
        entries.set(address, { content, headers: response.headers });
      },
      keys: async (address: string, { ignoreSearch }: { ignoreSearch: true }) =>
        [...entries.keys()]
          .filter((key) => ignoreSearch && key.split('?')[0] === address)
          .map((url) => new Request(url)),
      delete: async (entry: string | Request) =>
        entries.delete(typeof entry === 'string' ? entry : entry.url),
    };
  }
}
