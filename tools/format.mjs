// npm run format: formats every file of the repository in place; with --check only tells.
import { existsSync } from 'node:fs';
import { outputOf, run } from './setup/command.mjs';
import { Failure, runProgram } from './setup/failure.mjs';
import { below, root } from './setup/paths.mjs';

/** Versions format differently, so all of us use one. */
const clangFormat = 'clang-format-14';

await runProgram(async () => {
  const check = process.argv.includes('--check');
  const sentence = check ? 'Some files are not formatted: npm run format does it.' : undefined;
  const listed = outputOf('git', ['ls-files', '-z', '*.cc', '*.h'], { cwd: root });
  if (listed === undefined)
    throw new Failure('The files to format are those that git lists, and git ls-files failed.');
  const sources = listed.split('\0').filter((name) => name && existsSync(below(name)));
  const mode = check ? ['--dry-run', '-Werror'] : ['-i'];
  await run(clangFormat, [...mode, ...sources], { cwd: root, sentence });
  await run(
    below('node_modules/.bin/prettier'),
    ['--log-level=warn', check ? '--check' : '--write', '.'],
    {
      cwd: root,
      sentence,
    },
  );
});
