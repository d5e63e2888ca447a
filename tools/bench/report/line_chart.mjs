// Cost against length, both in steps of two: one panel a kind of work, one line a contestant.
import { element, label, rounded, svgFile } from './svg.mjs';

const panelWidth = 360;
const panelHeight = 260;
const margin = { left: 64, right: 16, top: 44, bottom: 40 };
const legendRow = 18;

/** Powers of ten from below the smallest value to above the largest. */
function decades(values) {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, i) => 10 ** (first + i));
}

/** A logarithmic scale from [low, high] to [from, to]. */
export const logarithmic = (low, high, from, to) => (value) =>
  from + ((to - from) * Math.log(value / low)) / (Math.log(high / low) || 1);

const milliseconds = (value) => (value >= 1000 ? `${value / 1000} s` : `${value} ms`);

function panelOf({ title, lines }, left) {
  const points = lines.flatMap((line) => line.points);
  const lengths = [...new Set(points.map(({ length }) => length))].sort((a, b) => a - b);
  const steps = decades(points.map(({ ms }) => ms));
  const [right, bottom] = [left + panelWidth - margin.right, panelHeight - margin.bottom];
  const x = logarithmic(lengths[0], lengths.at(-1), left + margin.left, right);
  const y = logarithmic(steps[0], steps.at(-1), bottom, margin.top);
  const axis = (d) => element('path', { class: 'axis', d });
  const minor = (at, height, text, anchor) =>
    label(at, height, text, { class: 'minor', 'text-anchor': anchor });
  const begin = left + margin.left;
  return [
    label(begin, margin.top - 20, title, { class: 'title' }),
    ...steps.map(
      (ms) =>
        axis(`M${begin} ${rounded(y(ms))}H${right}`) +
        minor(begin - 6, y(ms) + 4, milliseconds(ms), 'end'),
    ),
    ...lengths.map((length) => minor(x(length), bottom + 16, length, 'middle')),
    minor((begin + right) / 2, bottom + 32, 'tokens', 'middle'),
    ...lines.map(({ name, points: own }) => {
      const path = own.map(({ length, ms }) => `${rounded(x(length))} ${rounded(y(ms))}`);
      return (
        element('path', { class: `line ${name}`, d: `M${path.join('L')}` }) +
        own
          .map(({ length, ms }) =>
            element('circle', { class: name, cx: x(length), cy: y(ms), r: 3 }),
          )
          .join('')
      );
    }),
  ].join('');
}

function legend(entries, top) {
  return entries
    .map(({ name, label: text }, i) => {
      const [left, y] = [64 + (i % 2) * panelWidth, top + Math.floor(i / 2) * legendRow];
      return (
        element('rect', { class: name, x: left, y: y - 9, width: 10, height: 10 }) +
        label(left + 16, y, text)
      );
    })
    .join('');
}

/**
 * @param {{title: string, lines: {name, label, points: {length, ms}[]}[]}[]} panels
 *   those without points are left out; undefined where none remains
 */
export function lineChart(title, panels) {
  const shown = panels
    .map((panel) => ({ ...panel, lines: panel.lines.filter(({ points }) => points.length > 0) }))
    .filter(({ lines }) => lines.length > 0);
  if (shown.length === 0) return undefined;
  const entries = new Map(shown.flatMap(({ lines }) => lines.map((line) => [line.name, line])));
  const rows = Math.ceil(entries.size / 2);
  return svgFile(
    {
      width: panelWidth * Math.max(shown.length, 2),
      height: panelHeight + 16 + rows * legendRow,
      title,
    },
    shown.map((panel, i) => panelOf(panel, i * panelWidth)).join('') +
      legend([...entries.values()], panelHeight + 16),
  );
}
