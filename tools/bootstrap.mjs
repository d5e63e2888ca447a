// Installs what a build needs and is not there yet; a second run does nothing.
//   node tools/bootstrap.mjs [--tests]    --tests: also what the tests need
import { ensureEmscripten } from './setup/emscripten.mjs';
import { Failure, runProgram } from './setup/failure.mjs';
import { ensureNpmPackages } from './setup/npm_packages.mjs';
import { optionsFrom } from './setup/options.mjs';
import { ensureSystemPackages } from './setup/system_packages.mjs';

const oldestNode = 20;

/** Everything that a build needs, and with `tests` what the tests need. */
export async function bootstrap({ tests = false } = {}) {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new Failure(`Node ${oldestNode} or newer is needed; this is ${process.version}.`);
  }
  await ensureSystemPackages({ tests });
  await ensureNpmPackages(); // before Emscripten, whose optimiser takes acorn from here
  await ensureEmscripten();
}

if (import.meta.filename === process.argv[1]) {
  await runProgram(async () => {
    const usage = 'node tools/bootstrap.mjs [--tests]';
    await bootstrap(optionsFrom(usage, { tests: { type: 'boolean', default: false } }));
    console.log('Everything that a build needs is here.');
  });
}
