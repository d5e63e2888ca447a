// What a browser has to download, in bytes; code as gzip sends it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const gzipped = (files) =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);

const sizeOf = (file) => (existsSync(file) ? statSync(file).size : undefined);

function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

const ortFiles = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
const wllamaFiles = ['esm/index.min.js', 'esm/wasm/wllama.wasm'];

const isOfModel = (file, folder) => path.relative(folder, file).startsWith('models');

/** Words of a language that is not the page's own: English is in the page's script. */
const isOfLanguage = (file) => /[/\\]zh-CN-[^/\\]*\.js$/.test(file);

/**
 * All but the models, and what another language takes; of the kinds of the module the largest,
 * because a visit takes one of them.
 */
function pageSize(folder) {
  const files = filesBelow(folder).filter(
    (file) => !isOfModel(file, folder) && !isOfLanguage(file),
  );
  const isModule = (file) => file.endsWith('.wasm');
  const modules = files.filter(isModule).map((file) => gzipped([file]));
  return gzipped(files.filter((file) => !isModule(file))) + Math.max(...modules);
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
