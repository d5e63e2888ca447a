/** The formula of the operation that is on screen first; what the letters are, formulas.ts says. */
import { apply, at, type Formula, fraction, type Mathlike, role, row, sum } from './math.ts';

/** An attention weight. */
export const weightOf = (...indices: Mathlike[]) => role('probability', at('a', ...indices));

/** The score of a key after the mask. */
export const masked = (key: string) => at('e ′', 't', key);

export const softmaxFormula: Formula = [
  row(
    weightOf('t', 's'),
    '=',
    fraction(apply('exp', masked('s')), row(sum('u ≤ t'), apply('exp', masked('u')))),
  ),
];
