// What the page is to feel like, and whether it does.
import { row } from '../report/target_row.mjs';

const frame = 1000 / 60;
/** Of the main thread's tasks, browsers report those that take longer. */
const longTask = 50;
/** Texts up to this length are to be smooth, longer ones usable. */
const smooth = 64;

/** The targets that were measured, and not met. */
export const missed = (targets) => targets.filter(({ isMet }) => isMet === false);

const milliseconds = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const orLess = (value) => (value === 0 ? `${longTask} ms or less` : milliseconds(value));

/**
 * `opening`: {picture, blocked}, undefined where it was not measured; `results`: {deed, tokens, summary}.
 * Rows of what was measured: the first picture and the longest task on the way to a quiet page, hovering, and
 * the longest task of each deed.
 */
export function feelTargets(opening, results) {
  const hovers = results.filter(({ deed }) => deed.startsWith('hover'));
  return [
    ...(opening
      ? [
          row('first picture, median', {
            value: opening.picture.p50,
            atMost: 1000,
            show: milliseconds,
          }),
          row('opening, longest task', {
            value: opening.blocked.longest,
            atMost: longTask,
            show: orLess,
          }),
        ]
      : []),
    ...hovers.map(({ deed, tokens, summary }) =>
      row(`${deed}, ${tokens} tokens, 95% answered within`, {
        value: summary.work?.p95,
        atMost: tokens <= smooth ? frame : longTask,
        show: milliseconds,
      }),
    ),
    ...results.map(({ deed, tokens, summary }) =>
      row(`${deed}, ${tokens} tokens, longest task`, {
        value: summary.blocked.longest,
        atMost: longTask,
        show: orLess,
      }),
    ),
  ];
}
