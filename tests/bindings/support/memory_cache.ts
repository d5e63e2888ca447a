// Cache Storage as far as the package uses it, in memory, with a quota.

export class MemoryCacheStorage {
  readonly entries = new Map<string, Uint8Array>();
  quota = Infinity;

  async open(_name: string) {
    const { entries } = this;
    return {
      match: async (address: string) => {
        const content = entries.get(address);
        return content && new Response(content as BodyInit);
      },
      put: async (address: string, response: Response) => {
        const chunks: Uint8Array[] = [];
        let length = 0;
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          length += chunk.length;
          if (length > this.quota) throw new DOMException('Full', 'QuotaExceededError');
          chunks.push(chunk.slice());
        }
        entries.set(address, new Uint8Array(Buffer.concat(chunks)));
      },
      delete: async (address: string) => entries.delete(address),
    };
  }
}
