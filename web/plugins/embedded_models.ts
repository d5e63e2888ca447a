import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'vite';

const weights = new URL('../../weights/', import.meta.url).pathname;

/**
 * Publishes the embedded models, their cards and their credits as models/NAME/FILE, and gives the
 * page the manifest without its checksums, which nobody there checks.
 */
export function embeddedModels(): Plugin {
  const paths = async (): Promise<string[]> => {
    const manifest = JSON.parse(await readFile(path.join(weights, 'manifest.json'), 'utf8'));
    return manifest.embedded.map((model: { path: string }) => model.path);
  };
  return {
    name: 'embedded-models',
    enforce: 'pre',
    transform: {
      filter: { id: /\/weights\/manifest\.json$/ },
      handler: (code) =>
        JSON.stringify(JSON.parse(code), (key, value) => (key === 'sha256' ? undefined : value)),
    },
    async generateBundle() {
      for (const model of await paths()) {
        for (const file of await readdir(path.join(weights, model))) {
          const source = await readFile(path.join(weights, model, file));
          this.emitFile({ type: 'asset', fileName: `models/${model}/${file}`, source });
        }
      }
    },
    async configureServer(server) {
      const known = new Set(await paths());
      server.middlewares.use('/models', async (request, response, next) => {
        const [, model = '', file = ''] = (request.url ?? '').split('?')[0]!.split('/');
        const place = path.join(weights, model, path.basename(file));
        const status = known.has(model) ? await stat(place).catch(() => null) : null;
        if (!status?.isFile()) return next();
        response.setHeader('Content-Length', status.size);
        createReadStream(place).pipe(response);
      });
    },
  };
}
