// What has to come from the system, and how it gets there on Debian and its kin.
import { existsSync } from 'node:fs';
import { findCommand, outputOf, runQuietly } from './command.mjs';
import { Failure } from './failure.mjs';

const command = (...names) => names.some(findCommand);
const file = (...paths) => paths.every((path) => existsSync(path));

/** Debian's name of each package and whether what we need of it is there, however it came. */
const toBuild = {
  cmake: () => command('cmake'),
  'ninja-build': () => command('ninja'),
  'g++': () => command('c++', 'g++'),
  python3: () => command('python3'), // emcc is written in it
};

/** CMake fetches these where the system has none, so they are wanted but not needed. */
const libraries = {
  'libeigen3-dev': () => file('/usr/include/eigen3/Eigen/Core'),
  'nlohmann-json3-dev': () => file('/usr/include/nlohmann/json.hpp'),
  'libgtest-dev': () => file('/usr/include/gtest/gtest.h', '/usr/src/googletest/googletest/src'),
};

const toTest = {
  chromium: () => command('chromium', 'chromium-browser', 'google-chrome'),
  'firefox-esr': () => command('firefox-esr', 'firefox'),
  'fonts-noto-cjk': () =>
    file('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc') ||
    Boolean(outputOf('fc-list', [':lang=zh-cn', 'family'])?.trim()),
  // Safari's engine; it needs a display.
  'webkit2gtk-driver': () => command('WebKitWebDriver'),
  xvfb: () => command('Xvfb'),
  'clang-format-14': () => command('clang-format-14'),
  // Opens the .npy and .npz files that the package writes.
  'python3-numpy': () =>
    ['python3', '/usr/bin/python3'].some(
      (python) => outputOf(python, ['-c', 'import numpy']) !== undefined,
    ),
};

/** The compiler behind the private Emscripten; see debian_emscripten.mjs. */
export const forDebianEmscripten = {
  'clang-19': () => file('/usr/bin/clang-19'),
  'lld-19': () => file('/usr/bin/wasm-ld-19'),
  'llvm-19': () => file('/usr/bin/llvm-ar-19'),
};

const missingOf = (packages) => Object.keys(packages).filter((name) => !packages[name]());

/**
 * Installs what is missing of what a build needs, and of what the tests need where `tests` says so.
 * `extra` adds packages in the form of the tables above.
 */
export async function ensureSystemPackages({ tests = false, extra = {} } = {}) {
  const needed = { ...toBuild, ...(tests ? toTest : {}), ...extra };
  const wanted = { ...needed, ...libraries };
  const missing = missingOf(wanted);
  if (missing.length === 0) return;

  const list = missing.join(' ');
  if (!findCommand('apt-get')) {
    if (missingOf(needed).length === 0) return; // CMake fetches the libraries.
    throw new Failure(
      `This system has no apt-get: install what Debian calls ${list}, then run this again.`,
    );
  }
  const isRoot = process.getuid() === 0;
  if (!isRoot && !findCommand('sudo')) {
    throw new Failure(
      `System packages are missing, and installing them needs root or sudo: run "apt-get install ${list}" as root, then run this again.`,
    );
  }

  console.log(`Installing system packages: ${list}`);
  const env = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C'];
  const asRoot = (args, sentence) => {
    const [first, ...rest] = [...(isRoot ? [] : ['sudo']), 'env', ...env, 'apt-get', ...args];
    return runQuietly(first, rest, { sentence });
  };
  await asRoot(['-q', 'update'], 'The package lists could not be fetched: apt says why above.');
  await asRoot(
    ['-q', '-o', 'Dpkg::Use-Pty=0', 'install', '-y', '--no-install-recommends', ...missing],
    `apt-get could not install ${list}: it says why above.`,
  );
  const absent = missingOf(needed);
  if (absent.length > 0) {
    throw new Failure(`Installed, yet not found: ${absent.join(' ')}.`);
  }
}
