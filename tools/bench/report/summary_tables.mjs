// What was measured, as text.
import { idOf } from '../run/rounds.mjs';
import { traceLengths } from '../run/plan.mjs';
import { median } from './statistics.mjs';
import { spread, tableOf } from './table.mjs';
import { pageMemory } from './targets.mjs';

const megabytes = (bytes) => (bytes ? `${(bytes / 1e6).toFixed(0)}` : '-');

/** Tokens a second, from milliseconds a token: the longest time is the lowest speed. */
export const perSecond = (times) =>
  times && { median: 1000 / times.median, min: 1000 / times.max, max: 1000 / times.min };

const columns = [
  ...traceLengths.map((length) => ({ title: `attention ${length}`, key: `trace ${length}` })),
  { title: 'everything 64', key: 'traceAll 64' },
  { title: 'prefill 6', key: 'prefill 6' },
  { title: 'prefill 64', key: 'prefill 64' },
];

function contestantRow(rounds, { name, label }, threads) {
  const id = idOf(name, threads);
  const load = rounds.value(id, ({ facts }) => facts?.loadMs);
  return [
    `${label}, ${threads}`,
    ...columns.map(({ key }) => spread(rounds.time(id, key))),
    spread(perSecond(rounds.time(id, 'decode'))),
    load ? load.median.toFixed(0) : '-',
    megabytes(pageMemory(rounds, id)),
  ];
}

/** Every contestant at every number of threads; those that were skipped come after, with reasons. */
export function measurementsTable(rounds, contestants, threads) {
  const header = ['milliseconds, threads', ...columns.map(({ title }) => title)];
  const all = contestants.flatMap((contestant) =>
    threads.map((count) => ({
      contestant,
      count,
      reason: rounds.skipped(idOf(contestant.name, count)),
    })),
  );
  const rows = all
    .filter(({ reason }) => !reason)
    .map(({ contestant, count }) => contestantRow(rounds, contestant, count));
  const skipped = all
    .filter(({ reason }) => reason)
    .map(({ contestant, count, reason }) => `${contestant.label}, ${count}: skipped, ${reason}`);
  const table = tableOf([...header, 'decode tokens/s', 'load', 'MB'], rows);
  return [table, ...skipped].join('\n');
}

export function peaksLine(rounds) {
  const of = (name) => rounds.value('peaks', ({ facts }) => facts?.[name]);
  return (
    `This machine in WebAssembly, one thread: f32 multiply-add ${spread(of('multiplyAddGflops'))} GFLOP/s, ` +
    `fused ${spread(of('fusedMultiplyAddGflops'))}; streaming read ${spread(of('streamingReadGBs'))} GB/s.`
  );
}

/** A warning where other programs were busy between our pages, or nothing. */
export function interferenceLines(results) {
  const shares = results.flatMap((round) =>
    Object.values(round).flatMap(({ othersBefore }) => othersBefore ?? []),
  );
  const most = Math.max(0, ...shares);
  if (most < 0.1) return [];
  const percent = (share) => `${(100 * share).toFixed(0)}%`;
  return [
    `NOT A QUIET MACHINE: between our pages other programs took up to ${percent(most)} of all cores ` +
      `(${percent(median(shares))} in the median). Times are too long, and ratios are uncertain.`,
  ];
}

/** How the peers' predictions compare with ours, by contestant: what `compared` returned. */
export function checksTable(checks) {
  if (Object.keys(checks).length === 0) return 'Predictions are only compared where ours-f32 runs.';
  const rows = Object.entries(checks).map(([name, { difference, tolerance, agrees }]) => [
    name,
    difference.toExponential(1),
    tolerance.toExponential(1),
    agrees ? 'same prediction' : 'NOT A PEER: computes something else',
  ]);
  return tableOf(['largest difference of a logit from ours', 'found', 'allowed', ''], rows);
}
