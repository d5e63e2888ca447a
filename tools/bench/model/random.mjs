// Seeded numbers that are the same on every machine: only integer arithmetic decides them.

/**
 * A generator of 32 random bits (Marsaglia 2003, "Xorshift RNGs"); every seed, 0 too, gives a stream
 * of its own.
 */
export function randomBits(seed) {
  // Neighbouring seeds start far apart: the mixing step of SplitMix32.
  let state = (seed + 0x9e3779b9) | 0;
  state = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  state = Math.imul(state ^ (state >>> 15), 0x735a2d97);
  state = (state ^ (state >>> 15)) | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

/** The standard deviation of the sum of four independent integers, each uniform in 0..65535. */
const deviationOfSum = Math.sqrt((4 * (65536 ** 2 - 1)) / 12);

/**
 * Fills `values` with nearly normal numbers of the given mean and standard deviation: sums of four
 * uniform ones, which are far quicker to draw and never further than 3.5 deviations out.
 */
export function fillNormal(values, next, { mean = 0, deviation }) {
  const scale = deviation / deviationOfSum;
  for (let i = 0; i < values.length; i += 1) {
    const a = next();
    const b = next();
    const sum = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16);
    values[i] = mean + (sum - 131070) * scale;
  }
}
