#!/usr/bin/env node
// npm run weights -- openai-community/gpt2: fetches a checkpoint into weights/. See --help.
import process from 'node:process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, parseArguments } from './weights/arguments.mjs';
import { Interrupted, WeightsError } from './weights/errors.mjs';
import { fetchModel } from './weights/fetch_model.mjs';
import { readManifest } from './weights/manifest.mjs';
import { listModels } from './weights/list.mjs';
import { Progress } from './weights/progress.mjs';

const EXIT_BAD_INPUT = 1;
const EXIT_BAD_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const weightsFolder = join(dirname(fileURLToPath(import.meta.url)), '..', 'weights');

/** Runs the command and returns its exit code. */
async function main(argv) {
  let options;
  try {
    options = parseArguments(argv, process.env);
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    process.stderr.write(`weights: ${error.message}\n`);
    return EXIT_BAD_USAGE;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }

  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(EXIT_INTERRUPTED);
      interruption.abort(new Interrupted());
    });
  }

  const progress = new Progress(process.stderr);
  try {
    const manifest = await readManifest(join(weightsFolder, 'manifest.json'));
    if (options.list) {
      process.stdout.write(await listModels(manifest, weightsFolder));
      return 0;
    }
    const result = await fetchModel(manifest, weightsFolder, {
      ...options,
      progress,
      signal: interruption.signal,
    });
    process.stdout.write(`${result}\n`);
    return 0;
  } catch (error) {
    progress.endLine();
    if (error instanceof Interrupted) {
      process.stderr.write('weights: interrupted; the same command goes on from here\n');
      return EXIT_INTERRUPTED;
    }
    if (!(error instanceof WeightsError)) throw error;
    process.stderr.write(`weights: ${error.message}\n`);
    return EXIT_BAD_INPUT;
  }
}

process.exitCode = await main(process.argv.slice(2));
