// What was noted, as numbers and as a table.
import { median } from '../report/statistics.mjs';
import { tableOf } from '../report/table.mjs';

/** The number that so large a share of the others do not exceed. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** {p50, p95, worst}, or undefined for no values. */
export const spreadOf = (values) =>
  values.length === 0
    ? undefined
    : { p50: median(values), p95: quantile(values, 0.95), worst: Math.max(...values) };

const blockedIn = (visits) => {
  const blocked = visits.flatMap((visit) => visit.blocked);
  return { perRound: blocked.length / visits.length, longest: Math.max(0, ...blocked) };
};

/** Of first visits, each {flowAt, blocked}: milliseconds until the first picture, and long tasks. */
export const openingSummary = (visits) => ({
  picture: spreadOf(visits.map(({ flowAt }) => flowAt)),
  blocked: blockedIn(visits),
});

/** Of one deed's rounds; each is {frames, work, latency, blocked}, lists of milliseconds, and processor. */
export function summaryOf(rounds) {
  const all = (of) => rounds.flatMap((round) => round[of]);
  const processor = rounds.map((round) => round.processor);
  return {
    processor: median(processor),
    work: spreadOf(all('work')),
    latency: spreadOf(all('latency')),
    frames: spreadOf(all('frames')),
    blocked: blockedIn(rounds),
  };
}

const digits = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const cellOf = (spread) =>
  spread ? [spread.p50, spread.p95, spread.worst].map(digits).join(' / ') : '-';

/** `results`: {deed, tokens, summary}. */
export const feelTable = (results) =>
  tableOf(
    [
      'p50 / p95 / worst, ms',
      'tokens',
      'processor',
      'work',
      'latency',
      'frames',
      'tasks > 50 ms',
      'longest',
    ],
    results.map(({ deed, tokens, summary: { processor, work, latency, frames, blocked } }) => [
      deed,
      String(tokens),
      digits(processor),
      cellOf(work),
      cellOf(latency),
      cellOf(frames),
      digits(blocked.perRound),
      digits(blocked.longest),
    ]),
  );
