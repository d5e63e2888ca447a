// One contestant in a page of its own: starts it, and does what the plan says.
import { promptOf } from '../model/vocabulary.mjs';
import { largestPageMemory } from './process_memory.mjs';

/** Playwright's messages repeat the call; the page's own first line says what happened. */
export const reasonOf = (error) => error.message.replace(/^page\.evaluate: /, '').split('\n')[0];

/** Nothing that is measured takes this long: a page that hangs is given up. */
const longestMs = 300_000;

function withinTime(promise, what) {
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took over ${longestMs / 1000} s`)),
      longestMs,
    );
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}

/** Opens a page in a context, and so a process, of its own; `use` gets the page. */
export async function inNewPage(browser, address, use) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const crashed = new Promise((_resolve, reject) => {
      page.once('crash', () => reject(new Error('the page crashed, most likely out of memory')));
    });
    crashed.catch(() => {});
    await page.goto(address);
    return await Promise.race([use(page), crashed]);
  } finally {
    await context.close().catch(() => {}); // where the browser has ended
  }
}

/**
 * @param {object} job {module, options, threads, steps, check: prompt length or undefined}
 * @returns {Promise<object>} facts; times: arrays of milliseconds by key; memory: {counted, resident,
 *   peak} in bytes; check;
 *   failures: reasons by key
 */
export function runContestant(browser, url, job, onStep) {
  return inNewPage(browser, `${url}/pages/index.html`, async (page) => {
    await page.waitForFunction(() => window.bench);
    onStep('loading');
    const options = { ...job.options, threads: job.threads };
    const facts = await withinTime(
      page.evaluate(([module, args]) => window.bench.start(module, args), [job.module, options]),
      'loading',
    );
    const result = { facts, times: {}, failures: {} };
    if (facts.threads !== undefined && facts.threads !== job.threads) {
      result.skipped = `computes in ${facts.threads} thread(s) where ${job.threads} were asked for`;
      return result;
    }
    if (job.check) {
      const prompt = promptOf(job.check);
      result.check = await page.evaluate((text) => window.bench.check(text), prompt);
    }
    const works = await page.evaluate(() => window.bench.works());
    for (const step of job.steps) await runStep(page, step, works, result, onStep);
    return result;
  });
}

async function runStep(page, { key, work, length, plan, mayFail }, works, result, onStep) {
  if (key === 'memory') {
    // The browser's own measure collects garbage first.
    const counted = await page.evaluate(() => window.bench.memory());
    result.memory = { counted, ...(await largestPageMemory(page.context().browser())) };
    return;
  }
  // After a length that failed, longer ones are not tried: the page may be damaged.
  const isBroken = Object.keys(result.failures).length > 0;
  if (!works.includes(work) || isBroken) return;
  onStep(key);
  const run = page.evaluate(
    ([name, prompt, effort]) => window.bench.measure(name, prompt, effort),
    [work, promptOf(length), plan],
  );
  try {
    result.times[key] = await withinTime(run, key);
  } catch (error) {
    if (!mayFail) throw error;
    result.failures[key] = reasonOf(error);
  }
}
