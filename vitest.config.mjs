import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Node 20 has relaxed SIMD, but hides it.
const execArgv = /^v(20|21)\./.test(process.version) ? ['--experimental-wasm-relaxed-simd'] : [];

const ofTheProgram = ['command_line', 'damaged_models'].map(
  (name) => `tests/tools/${name}.test.mjs`,
);

// A browser on a machine that others share is now and then too late for a person's next step. npm test
// names the tests that needed it: one that does so often is to be mended.
const secondTry = { retry: 1 };

const project = (name, include, more = {}) => ({ test: { name, include, ...more } });

export default defineConfig({
  test: {
    projects: [
      project('tools', ['tests/tools/**/*.test.{mjs,ts}']),
      // With the command line program that the package brings, where `tools` has the native one.
      project('package', ['tests/bindings/**/*.test.ts', ...ofTheProgram], {
        execArgv,
        ...secondTry,
        testTimeout: 30_000, // three browsers share the cores with bundlers
        env: { GLASSFORMER_PROGRAM: 'dist/cli.js' },
      }),
      {
        ...project('web', ['tests/web/**/*.test.ts'], {
          exclude: ['**/*.page.test.ts', '**/*.svelte.test.ts'],
        }),
        // For the page's state.
        plugins: [svelte({ configFile: false })],
      },
      {
        // What components are made of, where effects run as they do in browsers.
        ...project('effects', ['tests/web/**/*.svelte.test.ts'], {
          environment: './tests/web/support/svelte_client.ts',
        }),
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
      },
      // A browser loads a model in each: slow beside the others, and two cores are soon busy.
      project('page', ['tests/web/**/*.page.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 60_000,
        fileParallelism: false,
        ...secondTry,
        // As patient as the browser's own waits: a second is short on a slow machine.
        expect: { poll: { timeout: 20_000 } },
      }),
      // Opt-in: reads weights/gpt2, which is downloaded by hand.
      project('gpt2', ['tests/gpt2/**/*.test.{mjs,ts}'], { testTimeout: 600_000 }),
    ],
  },
});
