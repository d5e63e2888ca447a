import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { makeIfChanged } from './stamps.mjs';

/** Configures the preset where needed, then builds `target`, or everything. */
export async function buildWithCMake(preset, { target } = {}) {
  await makeIfChanged({
    name: `configure-${preset}`,
    // CMake itself watches the CMakeLists.txt files, but neither of these.
    inputs: [
      'CMakePresets.json',
      ...(preset === 'wasm' ? ['build/toolchain/emscripten.cmake'] : []),
    ],
    outputs: [`build/${preset}/build.ninja`],
    make: () =>
      run('cmake', ['--preset', preset, '--fresh'], {
        cwd: root,
        sentence: `CMake could not configure the preset ${preset}: its own message is above.`,
      }),
  });
  await run('cmake', ['--build', '--preset', preset, ...(target ? ['--target', target] : [])], {
    cwd: root,
    sentence: `The ${preset} build failed: the compiler's own message is above.`,
  });
}
