// A target and what was reached, as a row of a table.
import { tableOf } from './table.mjs';

/** A row: `value` undefined where it was not measured; `atMost` or `atLeast` is the target. */
export function row(what, { value, atLeast, atMost, show }) {
  const target = atLeast ?? atMost;
  const isMet = value !== undefined && (atLeast ? value >= atLeast : value <= atMost);
  return {
    what,
    target: `${atLeast ? 'at least' : 'at most'} ${show(target)}`,
    reached: value === undefined ? undefined : show(value),
    value,
    isMet: value === undefined ? undefined : isMet,
  };
}

/** All rows, with a verdict on each. */
export function targetsTable(targets) {
  const verdict = ({ isMet }) => (isMet === undefined ? 'not measured' : isMet ? 'met' : 'not met');
  const rows = targets.map((target) => [
    target.what,
    target.target,
    target.reached ?? '-',
    verdict(target),
  ]);
  return tableOf(['target', 'wanted', 'reached', ''], rows);
}
