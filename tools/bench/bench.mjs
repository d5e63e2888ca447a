// The whole benchmark: prepares, measures, reports.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { below } from '../setup/paths.mjs';
import { optionsOf, usage } from './options.mjs';
import { mounts, prepare, readConfig } from './prepare.mjs';
import { barsChart, lengthChart } from './report/charts.mjs';
import { sizes as sizesOf } from './report/sizes.mjs';
import { median, Rounds } from './report/statistics.mjs';
import {
  checksTable,
  interferenceLines,
  measurementsTable,
  peaksLine,
} from './report/summary_tables.mjs';
import { targetsTable } from './report/target_row.mjs';
import { targetRows } from './report/targets.mjs';
import { checksOf } from './run/check.mjs';
import { coldStarts } from './run/cold_start.mjs';
import { runRounds } from './run/rounds.mjs';
import { serveMounts } from './run/server.mjs';

/** Shows what is being done: on one line of a terminal, else a line for each page. */
function progressLine() {
  let shown = '';
  return {
    say(text) {
      if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text}`);
      else if (text.split(':')[0] !== shown) console.log((shown = text.split(':')[0]));
    },
    end: () => process.stdout.isTTY && process.stdout.write('\r\x1b[2K'),
  };
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: below(),
      encoding: 'utf8',
    }).trim();
  } catch {
    return undefined; // not a repository
  }
}

const machineFacts = (browser) => ({
  processor: os.cpus()[0]?.model,
  cores: os.availableParallelism(),
  memory: os.totalmem(),
  system: `${os.type()} ${os.release()}`,
  browser: `Chromium ${browser}`,
});

async function measure(options, config) {
  const server = await serveMounts(mounts);
  const progress = progressLine();
  try {
    const result = await runRounds({ ...options, url: server.url, config }, progress.say);
    progress.say('cold start of the page');
    const visits = await coldStarts(server.url, mounts, options.quick ? 3 : 5);
    return { ...result, coldStart: visits && median(visits) };
  } finally {
    progress.end();
    await server.close();
  }
}

function write(name, text) {
  mkdirSync(below('build/bench'), { recursive: true });
  writeFileSync(below('build/bench', name), text);
  console.log(`build/bench/${name}`);
}

function report({ browser, rounds: results, coldStart }, options, config) {
  const { contestants, threads, lengths } = options;
  const rounds = new Rounds(results);
  const sizes = sizesOf(mounts);
  const checks = checksOf(results[0]);
  const targets = targetRows(rounds, { config, sizes, coldStart, threads });
  const sections = [
    peaksLine(rounds),
    checksTable(checks),
    measurementsTable(rounds, contestants, threads),
    targetsTable(targets),
    ...interferenceLines(results),
  ];
  console.log(`\n${sections.join('\n\n')}\n`);
  const facts = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: machineFacts(browser),
  };
  write(
    'result.json',
    JSON.stringify({ ...facts, sizes, coldStart, checks, targets, rounds: results }),
  );
  for (const count of threads) write(`bars-${count}.svg`, barsChart(rounds, contestants, count));
  const chart = lengthChart(rounds, contestants, lengths);
  if (chart) write('length.svg', chart);
}

/** @param {string[]} args the command line without the program */
export async function bench(args) {
  const options = optionsOf(args);
  if (options.help) {
    console.log(usage);
    return;
  }
  // Leaving through exit lets the browser be closed, and unfinished files be removed.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  await prepare(options);
  const config = readConfig();
  report(await measure(options, config), options, config);
}
