// One contestant in one page. run/session.mjs calls these functions from outside, step by step.
import { measured } from './timing.mjs';

let contestant;

/**
 * The prompt with another first letter for each run, so that nobody can answer from a cache of what
 * the runs before have computed.
 */
function variant({ text, ids }, run) {
  const letter = String.fromCharCode(97 + (run % 26));
  return { text: letter + text.slice(1), ids: [letter.charCodeAt(0) - 33, ...ids.slice(1)] };
}

window.bench = {
  /** Loads `module` (a file of contestants/) and its model; resolves to its facts. */
  async start(module, options) {
    const begin = performance.now();
    const { start } = await import(`./contestants/${module}.mjs`);
    contestant = await start(options);
    return { ...contestant.facts, loadMs: performance.now() - begin };
  },

  /** The names of what this contestant can do. */
  works: () => Object.keys(contestant.works),

  /** The milliseconds of each run of the work called `name`, after warm-up. */
  measure: (name, prompt, plan) =>
    measured((run) => contestant.works[name](variant(prompt, run), plan), plan),

  /** The logits, or some log-probabilities, of the token after `prompt`. */
  check: (prompt) => contestant.check(prompt),

  /** Bytes that the page and its workers hold, as the browser counts them. */
  async memory() {
    const { bytes } = await performance.measureUserAgentSpecificMemory();
    return bytes;
  },
};
