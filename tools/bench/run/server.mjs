// A static server for the benchmark's pages: some folders under names of their own, cross-origin
// isolated, so that there are threads, precise timers and a measure of memory.
import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Each page loads everything anew.
  'Cache-Control': 'no-store',
};

/** The file that `pathname` means, or undefined. `mounts`: folders by the first part of a path. */
function fileOf(pathname, mounts) {
  const [, mount, ...rest] = decodeURIComponent(pathname).split('/');
  const folder = mounts[mount];
  if (!folder) return undefined;
  const file = path.join(folder, ...rest);
  const isInside = file.startsWith(folder + path.sep);
  return isInside && statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

/** Serves `mounts` at a free port of this machine; resolves to the address and `close`. */
export async function serveMounts(mounts) {
  const server = http.createServer((request, response) => {
    const file = fileOf(new URL(request.url, 'http://localhost').pathname, mounts);
    if (!file) {
      response.writeHead(404, headers).end();
      return;
    }
    response.writeHead(200, {
      ...headers,
      'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
      'Content-Length': statSync(file).size,
    });
    const stream = createReadStream(file, { highWaterMark: 1 << 20 });
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
