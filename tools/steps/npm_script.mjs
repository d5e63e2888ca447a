import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';

/** Runs a script of package.json, with arguments. */
export const npmRun = (script, ...args) =>
  run('npm', ['run', '--silent', script, '--', ...args], {
    cwd: root,
    sentence: `npm run ${script} failed: its own message is above.`,
  });
