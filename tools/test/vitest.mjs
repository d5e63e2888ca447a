import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { exitCodeOf } from '../setup/command.mjs';
import { Failure } from '../setup/failure.mjs';
import { below, root } from '../setup/paths.mjs';

const firstLine = (text = '') => text.split('\n', 1)[0];

const lineOf = (file, { fullName, failureMessages }) =>
  `${file}: ${fullName}: ${firstLine(failureMessages?.[0])}`;

/** A line for each test, and for each file that could not run, of what Vitest's JSON reporter wrote. */
export function failuresOf({ testResults }) {
  return testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(root, name);
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return [`${file}: ${firstLine(message)}`];
      return failed.map((test) => lineOf(file, test));
    });
}

/** A line for each test that passed only when it was tried again, with what was wrong at first. */
export const secondTriesOf = ({ testResults }) =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages?.length > 0)
      .map((test) => lineOf(path.relative(root, name), test)),
  );

const listed = (lines) => lines.map((line) => `\n    ${line}`).join('');

/**
 * Runs the tests of projects of vitest.config.mjs. Those that failed are named by the Failure, since
 * the end of a log is all that some places keep of it; those that needed a second try by what it
 * resolves to.
 */
export async function vitest(name, projects = [name]) {
  const report = below('build', 'reports', `${name}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['run', ...projects.map((project) => `--project=${project}`), ...reporters];
  const code = await exitCodeOf(below('node_modules/.bin/vitest'), args, { cwd: root });
  const results = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { testResults: [] };
  if (code !== 0) {
    const failures = listed(failuresOf(results));
    throw new Failure(`Tests of ${name} failed: vitest says more above.${failures}`);
  }
  const secondTries = secondTriesOf(results);
  return secondTries.length === 0 ? '' : `after a second try of${listed(secondTries)}`;
}
