// What a browser has to download, in bytes; code as gzip sends it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const gzipped = (files) =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);

const sizeOf = (file) => (existsSync(file) ? statSync(file).size : undefined);

const ortFiles = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
const wllamaFiles = ['esm/index.min.js', 'esm/wasm/wllama.wasm'];

/** The page's languages, as its files are named. */
const languages = ['en', 'zh-CN'];

/**
 * Beside the page itself, its scripts and its styles: what a first visit fetches. Of the module's
 * kinds it is the one with threads, the largest; the page and its worker share its script.
 */
const isOfFirstVisit = (name, language) => {
  const parts = `worker|thread|glassformer-threads|icon|(?:softmax\\.)?${language}`;
  return new RegExp(`^(?:${parts})-[\\w-]{8}\\.(?:js|svg)$`).test(name);
};

/** The names of the files that a first visit takes, without the model and without the module. */
export function firstVisit(folder, language) {
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const named = Array.from(html.matchAll(/(?:src|href)="\.\/([^"]+)"/g), ([, name]) => name);
  const assets = readdirSync(path.join(folder, 'assets'));
  const later = assets
    .filter((name) => isOfFirstVisit(name, language))
    .map((name) => `assets/${name}`);
  return [...new Set(['index.html', ...named.filter((name) => !name.endsWith('.png')), ...later])];
}

/** Bytes of a first visit, without the model; where no language is named, of the larger one. */
export function pageSize(folder, language) {
  if (!language) return Math.max(...languages.map((each) => pageSize(folder, each)));
  const modules = readdirSync(path.join(folder, 'assets')).filter((name) => name.endsWith('.wasm'));
  return (
    gzipped(firstVisit(folder, language).map((name) => path.join(folder, name))) +
    Math.max(...modules.map((name) => gzipped([path.join(folder, 'assets', name)])))
  );
}

/** {wasm, scripts, page (undefined where it is not built), engines, models}: bytes. */
export function sizes(mounts) {
  const within = (mount, names) => names.map((name) => path.join(mounts[mount], name));
  // Of the module's two scripts, too, a browser gets one; the other one is smaller.
  const elsewhere = ['cli.js', 'node.js', 'node_thread.js', 'glassformer.mjs'];
  const scripts = readdirSync(mounts.dist).filter(
    (file) => /\.m?js$/.test(file) && !elsewhere.includes(file),
  );
  // The command line program is Node's.
  const binaries = readdirSync(mounts.dist).filter(
    (file) => file.endsWith('.wasm') && file !== 'glassformer-cli.wasm',
  );
  const hasPage = existsSync(path.join(mounts.page, 'index.html'));
  return {
    // A browser gets one of them; the largest counts.
    wasm: Math.max(...within('dist', binaries).map((file) => gzipped([file]))),
    scripts: gzipped(within('dist', scripts)),
    page: hasPage ? pageSize(mounts.page) : undefined,
    engines: {
      'onnxruntime-web': gzipped(
        within(
          'peers',
          ortFiles.map((file) => `onnxruntime-web/dist/${file}`),
        ),
      ),
      wllama: gzipped(
        within(
          'peers',
          wllamaFiles.map((file) => `@wllama/wllama/${file}`),
        ),
      ),
    },
    models: Object.fromEntries([
      ['ours-f32', sizeOf(path.join(mounts.model, 'model.safetensors'))],
      ...['attention.onnx', 'f32.onnx', 'q8.onnx', 'q8_0.gguf'].map((file) => [
        file,
        sizeOf(path.join(mounts.graphs, file)),
      ]),
    ]),
  };
}
