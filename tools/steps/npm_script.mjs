import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';

/** Runs a script of package.json. */
export const npmRun = (script) =>
  run('npm', ['run', '--silent', script], {
    cwd: root,
    sentence: `npm run ${script} failed: its own message is above.`,
  });
