// One file as a static host serves it, ranges and all, that can be told to misbehave.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Answer } from './server.ts';

export class RangeHost {
  content: Uint8Array;
  /** Of every answer. */
  headers: OutgoingHttpHeaders = { etag: '"one"' };
  /** The range of each request; null where all was asked for. */
  readonly asked: (string | null)[] = [];
  /** Sends nothing more after so many bytes of an answer. */
  stallAfter = Infinity;
  readonly #stalled: ServerResponse[] = [];
  /** What answers a range in place of 206 and its headers. */
  answerRange: (begin: number) => { status: number; headers: OutgoingHttpHeaders } = (begin) => ({
    status: 206,
    headers: {
      'content-range': `bytes ${begin}-${this.content.length - 1}/${this.content.length}`,
    },
  });

  constructor(content: Uint8Array) {
    this.content = content;
  }

  readonly answer: Answer = (request, response) => {
    const { range } = request.headers;
    this.asked.push(range ?? null);
    const wanted = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const { status, headers } = range ? this.answerRange(wanted) : { status: 200, headers: {} };
    const begin = status === 206 ? wanted : 0;
    const body = status < 300 ? this.content.subarray(begin) : new Uint8Array();
    response.writeHead(status, { 'content-length': body.length, ...this.headers, ...headers });
    response.write(body.subarray(0, this.stallAfter));
    if (this.stallAfter >= body.length) response.end();
    else this.#stalled.push(response);
  };

  /** Ends the connections on which it stalls. */
  hangUp(): void {
    for (const response of this.#stalled.splice(0)) response.destroy();
  }
}
