import { parseArgs } from 'node:util';
import { Failure } from '../setup/failure.mjs';
import { chosenContestants } from './run/contestants.mjs';
import { curveLengths } from './run/plan.mjs';

export const usage = `npm run bench -- [options]      measures Glassformer and its peers in Chromium

  --quick          one round, fewer runs of each, lengths up to 256
  --only NAMES     contestants, separated by commas: ours-f32, ours-q8, ort-attention, ort-f32,
                   ort-q8, wllama; "ours" and "ort" mean all of theirs
  --threads LIST   1, 2 or 1,2 (default 1,2)
  --lengths LIST   prompt lengths of the chart of cost against length
                   (default ${curveLengths.join(',')}; 0 for none)
  --runs N         rounds: each visits every contestant once (default 3)
  --no-build       measures dist/ as it is, without building the package first
  --help           this text

Writes build/bench/result.json and build/bench/*.svg. The first run writes a GPT-2 small with random
weights and the peers' files of it: 2.1 GB in build/bench.`;

const options = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  threads: { type: 'string', default: '1,2' },
  lengths: { type: 'string' },
  runs: { type: 'string' },
  'no-build': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function wholeNumbers(name, text, smallest, largest) {
  return text.split(',').map((word) => {
    const value = Number(word);
    if (/^\d+$/.test(word) && value >= smallest && value <= largest) return value;
    throw new Failure(
      `--${name} takes whole numbers from ${smallest} to ${largest}, not "${word}".`,
    );
  });
}

/** The command line's wishes, checked; `help` where only the text is wanted. */
export function optionsOf(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Failure(`${error.message}\n\n${usage}`);
  }
  const { quick, help } = values;
  const defaultLengths = curveLengths.filter((length) => !quick || length <= 256).join(',');
  const lengths = wholeNumbers('lengths', values.lengths ?? defaultLengths, 0, 1024);
  return {
    quick,
    help,
    build: !values['no-build'],
    contestants: chosenContestants(values.only),
    threads: wholeNumbers('threads', values.threads, 1, 64),
    lengths: lengths.filter((length) => length > 0).sort((a, b) => a - b),
    rounds: wholeNumbers('runs', values.runs ?? (quick ? '1' : '3'), 1, 100)[0],
  };
}
