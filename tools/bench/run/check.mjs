// A peer that computes something else is not a peer: its prediction must be ours.

const reference = 'ours-f32';

/** Largest difference of a logit that is still rounding; logits here reach about 2.6. */
const toleranceOf = (name) => (/q8|wllama/.test(name) ? 0.2 : 1e-3);

function logSoftmax(logits) {
  const largest = logits.reduce((best, logit) => Math.max(best, logit), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return (id) => logits[id] - largest - Math.log(sum);
}

/** [id, log-probability] of the likeliest tokens in the answer of wllama. */
function listedLogprobs(answer) {
  const [{ logprobs }] = answer.choices;
  return logprobs.content[0].top_logprobs.map(({ id, logprob }) => [id, logprob]);
}

/**
 * The largest difference between what a page's `check` returned and the logits `expected`: of
 * logits, or of log-probabilities where the peer lists only those.
 */
export function differenceFrom(expected, check) {
  const logprob = logSoftmax(expected);
  const differences = check.logits
    ? check.logits.map((logit, id) => Math.abs(logit - expected[id]))
    : listedLogprobs(check).map(([id, listed]) => Math.abs(listed - logprob(id)));
  if (differences.length === 0 || differences.some(Number.isNaN)) return NaN;
  // Not Math.max(...differences): there are too many for the stack.
  return differences.reduce((worst, each) => Math.max(worst, each), 0);
}

/**
 * Takes the checks out of the results of a round; returns {difference, tolerance, agrees} by id, empty
 * where our own f32 was not measured.
 */
export function checksOf(results) {
  const checks = Object.entries(results).flatMap(([id, result]) => {
    const { check } = result;
    delete result.check; // fifty thousand numbers each
    return check ? [[id, check]] : [];
  });
  const expected = checks.find(([id]) => id.startsWith(reference))?.[1].logits;
  if (!expected) return {};
  return Object.fromEntries(
    checks.map(([id, check]) => {
      const difference = differenceFrom(expected, check);
      const tolerance = toleranceOf(id);
      // NaN agrees with nothing.
      return [id, { difference, tolerance, agrees: difference <= tolerance }];
    }),
  );
}
