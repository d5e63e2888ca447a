// bindings/src and the WebAssembly module -> the npm package's dist/.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { kinds } from './kinds.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, '../dist');
const built = path.join(here, '../build/wasm/bin');
// The command line program, which only Node loads.
const program = ['cli.js', 'glassformer-cli.cjs', 'glassformer-cli.wasm'];
const moduleFiles = [
  'glassformer.mjs',
  'glassformer-threads.mjs',
  ...kinds.map((kind) => `glassformer${kind}.wasm`),
  ...program.slice(1),
];

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

const absent = moduleFiles.find((file) => !existsSync(path.join(built, file)));
if (absent) fail(`There is no build/wasm/bin/${absent} yet: run \`npm run build:wasm\` first.`);

// With and without relaxed SIMD the scripts are the same, but for the name of the file.
const script = (kind) =>
  readFileSync(path.join(built, `glassformer${kind}.mjs`), 'utf8').replaceAll('-relaxed', '');
for (const kind of ['', '-threads']) {
  if (script(kind) !== script(`-relaxed${kind}`)) {
    fail(`glassformer${kind}.mjs does not fit glassformer-relaxed${kind}.wasm.`);
  }
}

// Files are replaced in place, so that what is being served or tested does not vanish meanwhile.
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript')), 'tsc.js');
// Comments are for editors, which read the types; nobody should download them.
for (const emitted of [['--emitDeclarationOnly'], ['--declaration', 'false', '--removeComments']]) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', here, ...emitted], {
    stdio: 'inherit',
  });
  if (status !== 0) fail('The package did not compile: the messages are above.');
}
for (const file of moduleFiles) copyFileSync(path.join(built, file), path.join(dist, file));
copyFileSync(path.join(here, 'edits.schema.json'), path.join(dist, 'edits.schema.json'));
chmodSync(path.join(dist, program[0]), 0o755);

// What the types that are exported refer to; the declarations of everything inside stay out.
const publicTypes = [
  'index',
  'load',
  'tensor',
  'errors',
  'types',
  'load_types',
  'analysis_types',
].map((name) => `${name}.d.ts`);
const made = new Set(moduleFiles.concat(publicTypes, 'edits.schema.json'));
for (const file of readdirSync(path.join(here, 'src'))) made.add(file.replace(/\.ts$/, '.js'));
for (const file of readdirSync(dist)) if (!made.has(file)) rmSync(path.join(dist, file));

const gzipped = (files) =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(dist, file))).length, 0);
const scripts = readdirSync(dist).filter((file) => /\.m?js$/.test(file) && !program.includes(file));
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(
  `dist/: wasm ${kinds.map((kind) => kilobytes(gzipped([`glassformer${kind}.wasm`]))).join(' or ')}, ` +
    `JavaScript ${kilobytes(gzipped(scripts))}, ` +
    `the command line program for Node ${kilobytes(gzipped(program))} (gzip)`,
);
