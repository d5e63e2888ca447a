import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { selfSigned } from './certificate.ts';

const weights = new URL('../../../weights/', import.meta.url);

/** The files of an embedded model, which other hosts might have as well. */
export const filesOf = (model: string): Map<string, Uint8Array> =>
  new Map(
    ['config.json', 'model.safetensors', 'vocab.json', 'merges.txt'].map((name) => [
      name,
      // No Buffer, whose slices share its memory.
      new Uint8Array(readFileSync(new URL(`${model}/${name}`, weights))),
    ]),
  );

/** All other hosts of the world: one server, which the browser takes for each of them. */
export class ModelHost {
  /** Host and path of each request. */
  requests: string[] = [];
  /** The range of each request for less than all. */
  ranges: string[] = [];
  /** By host and folder, as in `huggingface.co/owner/name/resolve/main/`. */
  readonly folders = new Map<string, Map<string, Uint8Array>>();
  /** Where set, no answer goes on beyond so many bytes, a multiple of 250,000, before `release`. */
  holdAfter = Infinity;
  /** Milliseconds between one quarter of a megabyte and the next. */
  pause = 0;
  #waiting: (() => void)[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(selfSigned(), async (request, response) => {
      const address = request.headers.host + request.url!;
      this.requests.push(address);
      const end = address.lastIndexOf('/') + 1;
      const file = this.folders.get(address.slice(0, end))?.get(address.slice(end));
      response.setHeader('access-control-allow-origin', '*');
      if (!file) return void response.writeHead(404).end();
      const { range } = request.headers;
      if (range) this.ranges.push(range);
      const body = file.subarray(Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));
      response.writeHead(range ? 206 : 200, {
        'content-length': body.length,
        'access-control-expose-headers': 'ETag',
        etag: `"${createHash('sha256').update(file).digest('hex')}"`,
      });
      for (let begin = 0; begin < body.length; begin += 250_000) {
        if (begin >= this.holdAfter) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        response.write(body.subarray(begin, begin + 250_000));
        if (this.pause > 0) await setTimeout(this.pause);
      }
      response.end();
    });
  }

  static async open(): Promise<ModelHost> {
    const host = new ModelHost();
    host.#server.listen(0, '127.0.0.1');
    await once(host.#server, 'listening');
    return host;
  }

  /** Sends a browser to this server, whichever host it looks for. */
  get browserArguments(): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [
      `--host-resolver-rules=MAP huggingface.co 127.0.0.1:${port},MAP *.example 127.0.0.1:${port}`,
      '--ignore-certificate-errors',
    ];
  }

  /** Back to how it was at first: nothing to be had, nothing asked. */
  clear(): void {
    this.release();
    this.pause = 0;
    this.folders.clear();
    this.requests = [];
    this.ranges = [];
  }

  release(): void {
    this.holdAfter = Infinity;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Breaks every connection. */
  cut(): void {
    this.#server.closeAllConnections();
    this.release();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }
}
