import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { exitCodeOf } from '../setup/command.mjs';
import { Failure } from '../setup/failure.mjs';
import { below, root } from '../setup/paths.mjs';

const firstLine = (text = '') => text.split('\n', 1)[0];

/** A line for each test, and for each file that could not run, of what Vitest's JSON reporter wrote. */
export function failuresOf({ testResults }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(root, name);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return [`${file}: ${firstLine(message)}`];
      return failed.map(
        ({ fullName, failureMessages }) =>
          `${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`,
      );
    });
}

/**
 * Runs the tests of a project of vitest.config.mjs; a Failure that names those that failed, since the
 * end of a log is all that some places keep of it.
 */
export async function vitest(project) {
  const report = below('build', 'reports', `${project}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['run', '--project', project, ...reporters];
  const code = await exitCodeOf(below('node_modules/.bin/vitest'), args, { cwd: root });
  if (code === 0) return;
  const failures = existsSync(report) ? failuresOf(JSON.parse(readFileSync(report, 'utf8'))) : [];
  const lines = failures.map((failure) => `\n    ${failure}`);
  throw new Failure(`Tests of ${project} failed: vitest says more above.${lines.join('')}`);
}
