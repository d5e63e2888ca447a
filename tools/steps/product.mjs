// The steps from sources to the page. Each makes what it needs first, and nothing that is current.
import { kinds } from '../../bindings/kinds.mjs';
import { buildWithCMake } from './cmake.mjs';
import { npmRun } from './npm_script.mjs';
import { makeIfChanged } from './stamps.mjs';

/** core/, bindings/ and tools/cli/ -> the WebAssembly module and program in build/wasm/bin. */
export const buildModule = () => buildWithCMake('wasm', { target: 'glassformer_wasm_all' });

/** bindings/ and the module -> the npm package in dist/. */
export async function buildPackage() {
  await buildModule();
  await makeIfChanged({
    name: 'package',
    inputs: [
      'bindings',
      ...kinds.flatMap((kind) => [
        `build/wasm/bin/glassformer${kind}.mjs`,
        `build/wasm/bin/glassformer${kind}.wasm`,
      ]),
      'build/wasm/bin/glassformer-cli.cjs',
      'build/wasm/bin/glassformer-cli.wasm',
      'package.json',
      'tsconfig.base.json',
    ],
    outputs: ['dist'],
    make: () => npmRun('build:package'),
  });
}

/** web/, the package and the embedded models -> the static page in build/web. */
export async function buildPage() {
  await buildPackage();
  await makeIfChanged({
    name: 'page',
    inputs: [
      'web',
      'build/stamps/package',
      'package.json',
      'tsconfig.base.json',
      'weights/manifest.json',
      'weights/nano',
      'weights/stories',
      'weights/tang',
    ],
    outputs: ['build/web/index.html'],
    make: () => npmRun('build:page'),
  });
}
