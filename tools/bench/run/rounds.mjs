// All rounds: in each, every contestant gets a page of its own, one after the other.
import { Failure } from '../../setup/failure.mjs';
import { launchChromium } from './browser.mjs';
import { lackOfMemory } from './available_memory.mjs';
import { busyShare } from './interference.mjs';
import { curvePlan, planOf, promptLength } from './plan.mjs';
import { reasonOf, runContestant } from './session.mjs';

const empty = { name: 'empty', module: 'empty', options: {}, gigabytes: 0.5, alone: true };
const peaks = { name: 'peaks', module: 'peaks', options: {}, gigabytes: 0.5, alone: true };

/** What is kept of a run, and how it is called: `name@threads`. */
export const idOf = (name, threads) => `${name}@${threads}`;

/** The pages of a round. Odd rounds go backwards, so that nobody always follows the same other. */
function* pagesOf(contestants, threads, round) {
  yield empty;
  yield peaks;
  const order = round % 2 ? contestants.toReversed() : contestants;
  for (const contestant of order)
    for (const count of threads) yield { ...contestant, threads: count };
}

/** One page; resolves to its result, or to {skipped: reason}. */
async function visit(browser, url, page, job, say) {
  const reason = lackOfMemory(page);
  if (reason) return { skipped: reason };
  const othersBefore = await busyShare(); // nothing of ours runs between two pages
  try {
    return { othersBefore, ...(await runContestant(browser, url, { ...page, ...job }, say)) };
  } catch (error) {
    if (!browser.isConnected()) {
      throw new Failure(
        `Chromium ended while it measured ${page.name}: out of memory, most likely.`,
      );
    }
    return { skipped: reasonOf(error) };
  }
}

/**
 * @returns {Promise<{browser: string, rounds: Record<string, object>[]}>} results of each round by id
 */
export async function runRounds(
  { url, config, contestants, threads, lengths, rounds, quick },
  say,
) {
  const browser = await launchChromium();
  try {
    const results = [];
    const absent = new Set();
    for (let round = 0; round < rounds; round += 1) {
      const result = {};
      for (const page of pagesOf(contestants, threads, round)) {
        const id = page.alone ? page.name : idOf(page.name, page.threads);
        if (absent.has(id)) continue;
        // Long prompts are measured once, and with one thread: they only draw a chart.
        const curves = round === 0 && page.threads === 1 ? curvePlan(lengths) : [];
        const job = {
          options: { ...page.options, config },
          steps: page.alone ? [{ key: 'memory' }] : [...planOf({ quick }), ...curves],
          check: round === 0 && !page.alone ? promptLength : undefined,
        };
        const progress = `round ${round + 1} of ${rounds}, ${id}`;
        result[id] = await visit(browser, url, page, job, (step) => say(`${progress}: ${step}`));
        if (result[id].skipped) absent.add(id);
      }
      results.push(result);
    }
    return { browser: browser.version(), rounds: results };
  } finally {
    await browser.close();
  }
}
