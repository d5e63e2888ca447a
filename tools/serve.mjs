// Serves the built page:
//   node tools/serve.mjs [--port 8080] [--host 127.0.0.1]
import { existsSync } from 'node:fs';
import path from 'node:path';
import { preview } from 'vite';
import { Failure, runProgram } from './setup/failure.mjs';
import { optionsFrom } from './setup/options.mjs';
import { below } from './setup/paths.mjs';

/** A page gets shared memory, and so threads, only where both of these isolate it. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export const serveOptions = {
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '127.0.0.1' },
};

/**
 * Vite compresses what has no type, and for weights it knows none: that takes longer than to send them,
 * and hides how large they are.
 */
const weightsAreBinary = {
  name: 'weights-are-binary',
  configurePreviewServer({ middlewares }) {
    middlewares.use(({ url }, response, next) => {
      if (/\.safetensors($|\?)/.test(url)) {
        response.setHeader('Content-Type', 'application/octet-stream');
      }
      next();
    });
  },
};

function portFrom(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new Failure(`--port takes a number from 0 to 65535, not "${text}".`);
}

/**
 * Serves `folder` at `port` of `host`, or at the next free port; port 0 takes any. `isolated: false`
 * leaves out the headers that most static hosts cannot set. Resolves to the address and `close`.
 */
export async function serve({
  port = '8080',
  host = '127.0.0.1',
  folder = below('build/web'),
  isolated = true,
} = {}) {
  if (!existsSync(path.join(folder, 'index.html'))) {
    throw new Failure(`There is no page in ${folder} yet: npm start builds and serves it.`);
  }
  const server = await preview({
    configFile: false,
    root: path.dirname(folder), // Vite warns where this is the folder itself
    plugins: [weightsAreBinary],
    appType: 'mpa', // a missing file is a 404, not the page again
    logLevel: 'warn',
    build: { outDir: folder },
    preview: {
      port: portFrom(String(port)),
      host,
      headers: isolated ? isolation : {},
      allowedHosts: true, // whatever name reaches us: all that is served is public
    },
  });
  const address = server.httpServer.address();
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}/`, close: () => server.close() };
}

if (import.meta.filename === process.argv[1]) {
  await runProgram(async () => {
    const usage = 'npm run serve -- [--port N] [--host NAME]';
    const { url } = await serve(optionsFrom(usage, serveOptions));
    console.log(`Glassformer is at ${url} (Ctrl-C stops it)`);
  });
}
