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

/**
 * What is fetched when somebody asks for it: another language, the tour, the article, a picture that
 * is saved, an icon where the page is installed, the service worker's own script.
 */
const isOnDemand = (file) =>
  /zh-CN-[^/\\]*\.js$|[/\\](tour|article|svg_image|math)[.-][^/\\]*\.js$|\.png$|service_worker/.test(
    file,
  );

/** Of the module's kinds, and of the scripts that start them, a visit takes one. */
const isOfKind = (file) =>
  /[/\\]glassformer-(relaxed-)?(threads-)?[^/\\]{8}\.(wasm|js)$/.test(file);

/**
 * What a first visit in English takes, without the model: of the module's kinds the one with threads,
 * the largest, whose script the page and its worker fetch each as their own bundler named it.
 */
export function pageSize(folder) {
  const files = filesBelow(folder).filter((file) => !isOfModel(file, folder) && !isOnDemand(file));
  const modules = files.filter((file) => isOfKind(file) && file.endsWith('.wasm'));
  const scripts = files.filter((file) => isOfKind(file) && /-threads-[^/\\]*\.js$/.test(file));
  return (
    gzipped(files.filter((file) => !isOfKind(file))) +
    gzipped(scripts) +
    Math.max(...modules.map((file) => gzipped([file])))
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
