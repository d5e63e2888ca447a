// npm run bench:page: how the built page feels. npm run bench:page -- --help
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { load } from '../../../dist/node.js';
import { serve } from '../../serve.mjs';
import { Failure, runProgram } from '../../setup/failure.mjs';
import { below } from '../../setup/paths.mjs';
import { launchChromium } from '../run/browser.mjs';
import { targetsTable } from '../report/target_row.mjs';
import { busyShare } from '../run/interference.mjs';
import { deeds, quiet, room, writing } from './deeds.mjs';
import { probe } from './probe.mjs';
import { feelTable, openingSummary, spreadOf, summaryOf } from './table.mjs';
import { feelTargets, missed } from './targets.mjs';

const usage = `npm run bench:page -- [options]      measures how the built page answers, in Chromium

  --tokens LIST    lengths of the text (default 10,64,256)
  --only WORDS     deeds whose name has one of these words, separated by commas; "cold" is the opening:
                   cold, ${Object.keys(deeds).join(', ')}
  --rounds N       each in a browser of its own (default 3)
  --quick          one round, and less of each
  --strict         fails where a target is missed
  --trace FOLDER   also writes Chromium's own trace of each deed, for chrome://tracing
  --help           this text

Measures build/web as it is: npm run build makes it. Writes build/bench/feel.json.`;

const effort = { moves: 240, keys: 40, steps: 12, tokens: 20 };
const quickEffort = { moves: 90, keys: 40, steps: 6, tokens: 20 };

function optionsOf(args) {
  const options = {
    tokens: { type: 'string', default: '10,64,256' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    trace: { type: 'string' },
    help: { type: 'boolean', default: false },
  };
  try {
    const { values } = parseArgs({ args, options });
    const lengths = values.tokens.split(',').map(Number);
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    if (![...lengths, rounds].every((number) => Number.isInteger(number) && number > 0)) {
      throw new Error('--tokens and --rounds take whole numbers above 0.');
    }
    return { ...values, rounds, lengths, words: values.only.split(',') };
  } catch (error) {
    throw new Failure(`${error.message}\n\n${usage}`);
  }
}

/**
 * Texts of exactly so many tokens of the model that the page opens with; `shorter` is the same one, cut
 * where the model's context would have no room for what is written to it.
 */
async function textsOf(lengths) {
  const model = await load(new URL('../../../weights/stories/', import.meta.url));
  try {
    const story =
      'Once upon a time, a little girl named Lily lived in a big house with a red door. ';
    const ids = model.tokenizer.encode(story.repeat(Math.max(...lengths)));
    const textOf = (tokens) => ({ tokens, text: model.tokenizer.decode(ids.slice(0, tokens)) });
    const most = model.config.n_positions;
    return lengths
      .map((length) => Math.min(length, most))
      .map((length) => ({
        whole: textOf(length),
        shorter: textOf(Math.min(length, most - room)),
      }));
  } finally {
    await model.dispose();
  }
}

const windowOptions = { viewport: { width: 1440, height: 900 }, locale: 'en-GB' };

/** A new browser, in which nothing is remembered; `use` gets the page and the browser. */
async function inNewBrowser(url, use) {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage(windowOptions);
    page.setDefaultTimeout(30_000);
    await page.addInitScript(probe);
    await page.goto(url);
    // Copies for later visits without a connection are made once, in the background of the first one.
    await page.locator('[data-offline=kept]').waitFor({ state: 'attached' });
    return await use(page, browser);
  } finally {
    await browser.close();
  }
}

/** Milliseconds after which a browser is through with opening a window. */
const windowOpens = 1500;

/**
 * Of so many first visits, in a browser that runs and a window that is open already: when the flow was first
 * painted, and what held the main thread up from the beginning until all was quiet.
 */
async function openingOf(url, visits) {
  const browser = await launchChromium();
  const seen = [];
  try {
    // The visit before them is the browser's own beginning.
    for (let visit = 0; visit <= visits; visit += 1) {
      const page = await browser.newPage({ ...windowOptions, serviceWorkers: 'block' });
      await page.addInitScript(probe);
      await page.waitForTimeout(windowOpens);
      await page.goto(url);
      await page.waitForFunction(() => window.feel.flowAt);
      await quiet(page);
      const { flowAt, blocked } = await page.evaluate(() => window.feel);
      if (visit > 0) seen.push({ flowAt, blocked });
      await page.close();
    }
  } finally {
    await browser.close();
  }
  return seen;
}

async function roundOf(url, { text, tokens }, name, { trace, quick }) {
  return inNewBrowser(`${url}#text=${encodeURIComponent(text)}`, async (page, browser) => {
    if (trace) await browser.startTracing(page, { path: `${trace}/${name}, ${tokens}.json` });
    const noted = await deeds[name](page, quick ? quickEffort : effort);
    if (trace) await browser.stopTracing();
    return noted;
  });
}

const machine = (browser) => ({
  processor: os.cpus()[0]?.model,
  cores: os.availableParallelism(),
  system: `${os.type()} ${os.release()}`,
  browser: `Chromium ${browser}`,
});

async function versionOf() {
  const browser = await launchChromium();
  await browser.close();
  return browser.version();
}

await runProgram(async () => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) return console.log(usage);
  if (options.trace) mkdirSync(options.trace, { recursive: true });
  const isWanted = (name) => options.words.some((word) => name.includes(word));
  const texts = await textsOf(options.lengths);
  const server = await serve({ port: '0' });
  const busy = [await busyShare(2000)];
  const results = [];
  let opening;
  try {
    if (isWanted('cold')) {
      opening = openingSummary(await openingOf(server.url, options.rounds + 2));
      console.log('opening, ms', opening);
    }
    for (const { whole, shorter } of texts) {
      for (const deed of Object.keys(deeds).filter(isWanted)) {
        const text = writing.includes(deed) ? shorter : whole;
        const rounds = [];
        for (let round = 0; round < options.rounds; round += 1) {
          rounds.push(await roundOf(server.url, text, deed, options));
          busy.push(await busyShare());
        }
        results.push({ deed, tokens: text.tokens, summary: summaryOf(rounds), rounds });
        console.log(`${deed}, ${text.tokens}`);
      }
    }
  } finally {
    await server.close();
  }
  const others = busy.filter((share) => share !== undefined);
  const targets = feelTargets(opening, results);
  console.log(`\n${feelTable(results)}\n\n${targetsTable(targets)}\n`);
  if (others.length > 0) {
    const { p50, worst } = spreadOf(others);
    const percent = (share) => `${Math.round(100 * share)}%`;
    console.log(`Others took ${percent(p50)} of the cores in the median, up to ${percent(worst)}.`);
  }
  const facts = { date: new Date().toISOString(), machine: machine(await versionOf()), busy };
  mkdirSync(below('build/bench'), { recursive: true });
  writeFileSync(below('build/bench/feel.json'), JSON.stringify({ ...facts, opening, results }));
  console.log('build/bench/feel.json');
  const misses = missed(targets);
  if (options.strict && misses.length > 0) {
    throw new Failure(`Missed: ${misses.map(({ what }) => what).join('; ')}.`);
  }
});
