import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const source = new URL('../offline/service_worker.ts', import.meta.url).pathname;
const fileName = 'service_worker.js';

/** What the page opens without: models, of which any will do, one of four modules, icons of the installed page. */
const isShell = (file: string) => !/^models\/|\.wasm$|^icons\//.test(file);

/**
 * Writes the service worker, with the list of all files that have been published and their hashes.
 * It is read from the folder: whatever put a file there, what is listed is what a browser gets.
 */
export function offline(): Plugin {
  let folder = '';
  return {
    name: 'offline',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    writeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        const names = entries
          .filter((entry) => entry.isFile() && entry.name !== fileName)
          .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
          .sort();
        const files: Record<string, string> = {};
        for (const name of names) {
          const bytes = await readFile(path.join(folder, name));
          const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
          // Hosts give the page at the folder's own address; some redirect its name there.
          files[name === 'index.html' ? './' : name.split(path.sep).join('/')] = hash;
        }
        const { outputFiles } = await build({
          entryPoints: [source],
          bundle: true,
          minify: true,
          write: false,
          // A script of this form, not a module: what every browser takes as a service worker.
          format: 'iife',
          target: 'es2022',
          define: {
            FILES: JSON.stringify(files),
            SHELL: JSON.stringify(Object.keys(files).filter(isShell)),
          },
        });
        await writeFile(path.join(folder, fileName), outputFiles[0]!.contents);
      },
    },
  };
}
