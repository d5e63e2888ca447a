// The stages of npm test, in the order in which they run: what fails quickest comes first.
import { buildWithCMake } from '../steps/cmake.mjs';
import { npmRun } from '../steps/npm_script.mjs';
import { buildPackage, buildPage } from '../steps/product.mjs';
import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { vitest } from './vitest.mjs';

async function ctest(preset) {
  await buildWithCMake(preset);
  await run('ctest', ['--preset', preset], {
    cwd: root,
    sentence: `Tests of the ${preset} build failed: ctest names them above.`,
  });
}

/** Name, what it checks, and how; `run` may resolve to a note for the summary. */
export const stages = [
  { name: 'format', about: 'clang-format and prettier', run: () => npmRun('format:check') },
  { name: 'lint', about: 'eslint', run: () => npmRun('lint') },
  { name: 'native', about: 'GoogleTest, optimised', run: () => ctest('native') },
  { name: 'asan', about: 'GoogleTest under ASan and UBSan', run: () => ctest('asan') },
  { name: 'wasm', about: 'GoogleTest in WebAssembly under Node', run: () => ctest('wasm') },
  { name: 'tools', about: 'Vitest for tools/', run: () => vitest('tools') },
  {
    name: 'package',
    about: 'Vitest for the npm package',
    run: async () => {
      await buildPackage();
      return vitest('package');
    },
  },
  {
    name: 'types', // after the package: the page is checked against its types
    about: 'TypeScript and svelte-check; whether the reference is current',
    run: async () => {
      await buildPackage();
      await npmRun('check');
      await npmRun('docs', '--check');
    },
  },
  {
    name: 'web',
    about: 'Vitest for the functions of the page',
    run: () => vitest('web', ['web', 'effects']),
  },
  {
    name: 'page',
    about: 'Vitest and Playwright for the page in Chromium',
    run: async () => {
      await buildPage();
      return vitest('page');
    },
  },
];
