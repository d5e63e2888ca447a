// What is measured, and how often.

export const traceLengths = [6, 16, 64, 128];
export const promptLength = 6;
export const decodedTokens = 32;
/** Memory is measured after a trace of this many: memory of WebAssembly never shrinks. */
export const memoryLength = 64;
export const curveLengths = [16, 32, 64, 128, 256, 512, 1024];

/** The works of a page, in order: {key, work, length, plan}; key is what results are kept under. */
export function planOf({ quick }) {
  const effort = quick
    ? { warmRuns: 1, warmMs: 500, runs: 3, maxMs: 2000 }
    : { warmRuns: 2, warmMs: 1500, runs: 5, minMs: 500, maxMs: 6000 };
  const at = (work, length) => ({ key: `${work} ${length}`, work, length, plan: effort });
  const short = traceLengths.filter((length) => length <= memoryLength);
  const long = traceLengths.filter((length) => length > memoryLength);
  return [
    ...short.map((length) => at('trace', length)),
    at('prefill', promptLength),
    { ...at('decode', promptLength), key: 'decode', plan: { ...effort, tokens: decodedTokens } },
    { key: 'memory' },
    ...short.map((length) => at('traceAll', length)),
    ...long.flatMap((length) => [at('trace', length), at('traceAll', length)]),
    at('prefill', memoryLength),
  ];
}

/** After one run that warms up, as many as fit into a short time: long contexts take seconds. */
export function curvePlan(lengths) {
  return lengths.flatMap((length) =>
    ['prefill', 'trace'].map((work) => ({
      key: `curve ${work} ${length}`,
      work,
      length,
      plan: { warmRuns: 1, warmMs: 0, runs: 3, maxMs: 2000 },
      mayFail: true,
    })),
  );
}
