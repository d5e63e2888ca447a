// A file server on this machine that can be told to misbehave.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly requests: string[];
}

/** Serves bytes by path; a function answers as it likes; everything else is 404. */
export async function serveFiles(files: Record<string, Uint8Array | Answer>): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const file = new URL(request.url ?? '/', 'http://local').pathname;
    requests.push(file);
    const content = files[file];
    if (typeof content === 'function') return content(request, response);
    if (!content) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-length': content.length }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same files below a folder. */
export const below = (folder: string, files: Record<string, Uint8Array | Answer>) =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [`${folder}/${name}`, file]));

/** Promises all bytes, sends a part, and hangs up. */
export const hangUpAfter =
  (content: Uint8Array, bytes: number): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes), () => response.destroy());
  };

/** Sends a part and then nothing more. */
export const stallAfter =
  (content: Uint8Array, bytes: number): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes));
  };
