// A private Emscripten for Debian 12, whose own is too old. It comes from Debian 13, unpacked below
// build/toolchain and never installed. Its compiler is Debian 12's clang-19. Its binaryen needs the
// newer C library, which is unpacked beside it and used by nothing else.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { outputOf, run } from './command.mjs';
import { downloadDebianPackages } from './debian_apt.mjs';
import { Failure } from './failure.mjs';
import { below } from './paths.mjs';

const systemRelease = 'bookworm';
const release = 'trixie';
const names = ['emscripten', 'binaryen', 'libc6', 'libstdc++6', 'libgcc-s1'];

/** Four fifths of the package, for kinds of linking that we do not do: position-independent code,
 * link-time optimisation, wasm workers; and its own tests. */
const unused = [
  '*/wasm32-emscripten/pic',
  '*/wasm32-emscripten/lto-pic',
  '*/wasm32-emscripten/lto',
  '*/wasm32-emscripten/*-ww*',
  './usr/share/emscripten/test',
  './usr/share/emscripten/media',
  './usr/share/doc',
];

/** Bumped when what is unpacked changes, so that an older one is replaced. */
const home = below(`build/toolchain/debian-${release}-1`);
const emscripten = path.join(home, 'usr/share/emscripten');

export function isDebianBookworm() {
  const file = '/etc/os-release';
  return (
    existsSync(file) && readFileSync(file, 'utf8').includes(`VERSION_CODENAME=${systemRelease}`)
  );
}

function unpackedLibraries(prefix) {
  const libraries = path.join(prefix, 'usr/lib');
  const triplet = readdirSync(libraries).find((name) => name.includes('-linux-gnu'));
  return path.join(libraries, triplet);
}

/** binaryen's programs, each started through the dynamic linker of the C library it came with. */
function writeWrappers(prefix) {
  const bin = path.join(prefix, 'binaryen/bin');
  mkdirSync(bin, { recursive: true });
  const libraries = unpackedLibraries(prefix);
  const loader = readdirSync(libraries).find((name) => /^ld-linux.*\.so/.test(name));
  const shared = `$prefix/${path.relative(prefix, libraries)}`;
  for (const name of readdirSync(path.join(prefix, 'usr/bin'))) {
    if (!name.startsWith('wasm')) continue;
    const file = path.join(bin, name);
    writeFileSync(
      file,
      `#!/bin/sh
prefix=$(dirname "$0")/../..
exec "${shared}/${loader}" --library-path "${shared}" "$prefix/usr/bin/${name}" "$@"
`,
    );
    chmodSync(file, 0o755);
  }
}

/** Emscripten reads this file beside emcc; written on each run, as the repository may have moved. */
function writeConfiguration(prefix) {
  const text = `LLVM_ROOT = '/usr/bin'
LLVM_ADD_VERSION = '19'
CLANG_ADD_VERSION = '19'
BINARYEN_ROOT = '${prefix}/binaryen'
NODE_JS = '${process.execPath}'
FROZEN_CACHE = True  # the libraries came with the package
`;
  const file = path.join(prefix, 'usr/share/emscripten/.emscripten');
  if (readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Compiles, links, optimises and runs one line, so that a bad toolchain shows here, by name. */
async function check(prefix) {
  const source = path.join(prefix, 'check.cc');
  const program = path.join(prefix, 'check.js');
  const sentence = 'The Emscripten just unpacked cannot build a program: its own message is above.';
  writeFileSync(source, '#include <iostream>\nint main() { std::cout << "sound\\n"; }\n');
  await run(path.join(prefix, 'usr/share/emscripten/em++'), ['-O2', source, '-o', program], {
    sentence,
  });
  if (outputOf(process.execPath, [program]) !== 'sound\n') throw new Failure(sentence);
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Drops what an interrupted run left behind. */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    const pid = name.match(/^unpacking-(\d+)$/)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(path.join(folder, name), { recursive: true });
  }
}

/** Makes the private Emscripten where there is none yet; returns the folder of its emcc. */
export async function ensureDebianEmscripten() {
  if (!existsSync(home)) {
    const folder = path.dirname(home);
    mkdirSync(folder, { recursive: true });
    removeLeftovers(folder);
    console.log('Fetching Emscripten for this project alone (about 250 MB, once)');
    const downloads = path.join(folder, 'downloads');
    const packages = await downloadDebianPackages({
      release,
      systemRelease,
      names,
      folder: downloads,
    });
    console.log('Unpacking Emscripten');
    // Unpacked aside and renamed when whole, so that an interruption leaves nothing half-done.
    const aside = path.join(folder, `unpacking-${process.pid}`);
    mkdirSync(aside);
    const exclude = unused.map((pattern) => `--exclude='${pattern}'`).join(' ');
    for (const file of readdirSync(packages)) {
      if (!file.endsWith('.deb')) continue;
      const pipe = `dpkg --fsys-tarfile '${path.join(packages, file)}' | tar -x -C '${aside}' ${exclude}`;
      await run('bash', ['-c', `set -o pipefail; ${pipe}`], {
        sentence: `${file} could not be unpacked: the message is above.`,
      });
    }
    // Emscripten's scripts are CommonJS; the package.json of the repository says otherwise.
    writeFileSync(path.join(aside, 'package.json'), '{ "type": "commonjs" }\n');
    writeWrappers(aside);
    writeConfiguration(aside);
    await check(aside);
    if (existsSync(home)) rmSync(aside, { recursive: true });
    else renameSync(aside, home);
    rmSync(downloads, { recursive: true });
  }
  writeConfiguration(home);
  return emscripten;
}
