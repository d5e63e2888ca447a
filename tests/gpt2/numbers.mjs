// Arithmetic of the checks, in float64.

// f32 against another f32 implementation: relative to the largest recorded value, as everywhere in
// Glassformer. Two recorded sources of the same logits differ by 1e-6 of it.
export const RELATIVE_TOLERANCE = 1e-4;

/** Row t of a [T, N] tensor, as a view. */
export function row({ dims, data }, t) {
  const width = dims.at(-1);
  return data.subarray(t * width, (t + 1) * width);
}

export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}

export function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Mean of -log softmax(logits[t])[targets[t]]. */
export function meanLoss(logits, targets) {
  const losses = targets.map((target, t) => {
    const scores = row(logits, t);
    const largest = scores[argmax(scores)];
    let sum = 0;
    for (const score of scores) sum += Math.exp(score - largest);
    return largest + Math.log(sum) - scores[target];
  });
  return mean(losses);
}

/** Throws where a value is further than the tolerance from its expectation, or not a number. */
export function assertClose(what, actual, expected, tolerance) {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} values, not ${expected.length}`);
  }
  expected.forEach((value, i) => {
    const difference = Math.abs(actual[i] - value);
    if (!(difference <= tolerance)) {
      throw new Error(
        `${what}: value ${i} is ${actual[i]}, not ${value} (${difference} apart, ` +
          `${tolerance} allowed)`,
      );
    }
  });
}
