/**
 * Runs `work`, which gets the number of the run: at least `warmRuns` times and for `warmMs`, so that
 * the engine compiles it well; then at least `runs` times and for `minMs`. Neither part begins another
 * run after `maxMs`. Returns the milliseconds of each run of the second part: those that `work`
 * resolves to, or how long it took.
 */
export async function measured(
  work,
  { warmRuns = 2, warmMs = 1000, runs = 5, minMs = 0, maxMs = Infinity },
) {
  let count = 0;
  const once = async () => {
    const begin = performance.now();
    const own = await work(count++);
    return typeof own === 'number' ? own : performance.now() - begin;
  };
  const repeat = async (least, leastMs) => {
    const times = [];
    const begin = performance.now();
    const passed = () => performance.now() - begin;
    while ((times.length < least || passed() < leastMs) && passed() < maxMs) {
      times.push(await once());
    }
    return times;
  };
  await repeat(warmRuns, warmMs);
  return repeat(runs, minMs);
}
