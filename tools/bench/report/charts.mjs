// The two charts of the README, from what was measured.
import { idOf } from '../run/rounds.mjs';
import { barChart } from './bar_chart.mjs';
import { lineChart } from './line_chart.mjs';
import { perSecond } from './summary_tables.mjs';
import { pageMemory } from './targets.mjs';

const once = (value) => value && { median: value, min: value, max: value };

export function barsChart(rounds, contestants, threads) {
  const suffix = threads === 1 ? 'one thread' : `${threads} threads`;
  const panel = (title, show, of) => ({
    title,
    bars: contestants
      .map(({ name, label }) => ({ name, label, show, values: of(idOf(name, threads)) }))
      .filter(({ values }) => values),
  });
  const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
  return barChart(`Glassformer and its peers in Chromium, ${suffix}`, [
    panel(`A pass of 6 tokens that returns attention, ${suffix}: shorter is better`, ms, (id) =>
      rounds.time(id, 'trace 6'),
    ),
    panel('The same, 64 tokens', ms, (id) => rounds.time(id, 'trace 64')),
    panel(
      'Greedy decode with a KV cache: longer is better',
      (value) => `${value.toFixed(1)} tokens/s`,
      (id) => perSecond(rounds.time(id, 'decode')),
    ),
    panel(
      'Memory of the page: shorter is better',
      (bytes) => `${(bytes / 1e6).toFixed(0)} MB`,
      (id) => once(pageMemory(rounds, id)),
    ),
  ]);
}

export function lengthChart(rounds, contestants, lengths) {
  const panel = (title, work) => ({
    title,
    lines: contestants.map(({ name, label }) => ({
      name,
      label,
      points: lengths
        .map((length) => ({
          length,
          ms: rounds.time(idOf(name, 1), `curve ${work} ${length}`)?.median,
        }))
        .filter(({ ms }) => ms !== undefined),
    })),
  });
  return lineChart('Cost of a pass against the length of its prompt, one thread', [
    panel('A pass that returns attention', 'trace'),
    panel('A pass that returns the prediction', 'prefill'),
  ]);
}
