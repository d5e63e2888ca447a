// Finds an Emscripten that is new enough, or makes one, and tells CMake where it is.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findCommand, outputOf } from './command.mjs';
import { ensureDebianEmscripten, isDebianBookworm } from './debian_emscripten.mjs';
import { Failure } from './failure.mjs';
import { below } from './paths.mjs';
import { ensureSystemPackages, forDebianEmscripten } from './system_packages.mjs';

/** Older ones lack the final relaxed-SIMD opcodes and --emit-tsd. */
const oldest = [3, 1, 60];

function isNewEnough(version) {
  const different = oldest.findIndex((part, index) => version[index] !== part);
  return different === -1 || version[different] > oldest[different];
}

/** The folder of the emcc at `emcc`, or undefined where that is none, too old, or broken. */
function usableFolderOf(emcc) {
  if (!emcc || !existsSync(emcc)) return undefined;
  const version = outputOf(emcc, ['--version'])?.match(/ (\d+)\.(\d+)\.(\d+)/);
  if (!version || !isNewEnough(version.slice(1).map(Number))) {
    console.log(`Not using ${emcc}: ${version ? `it is${version[0]}` : 'it does not run'}.`);
    return undefined;
  }
  // Where emcc is a wrapper, em-config beside it knows the real place.
  const told = outputOf(path.join(path.dirname(emcc), 'em-config'), ['EMSCRIPTEN_ROOT'])?.trim();
  return told || path.dirname(realpathSync(emcc));
}

function writeIfChanged(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/**
 * Makes sure that the CMake preset "wasm" finds an emcc: the one on PATH, the one of $EMSDK, or, on
 * Debian 12, a private one. Returns the folder of emcc.
 */
export async function ensureEmscripten() {
  const sdk = process.env.EMSDK && path.join(process.env.EMSDK, 'upstream/emscripten/emcc');
  let folder = usableFolderOf(findCommand('emcc')) ?? usableFolderOf(sdk);
  if (!folder) {
    if (!isDebianBookworm()) {
      throw new Failure(
        `There is no emcc ${oldest.join('.')} or newer on PATH or in $EMSDK: install Emscripten (https://emscripten.org/docs/getting_started/downloads.html), then run this again.`,
      );
    }
    await ensureSystemPackages({ extra: forDebianEmscripten });
    folder = await ensureDebianEmscripten();
  }
  const platform = path.join(folder, 'cmake/Modules/Platform/Emscripten.cmake');
  if (!existsSync(platform)) {
    throw new Failure(`The Emscripten in ${folder} is not whole: ${platform} is missing.`);
  }
  writeIfChanged(below('build/toolchain/emscripten.cmake'), `include("${platform}")\n`);
  return folder;
}
