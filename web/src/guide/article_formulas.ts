/** The formulas that only the article has; it comes when it is opened. Letters: those of formulas.ts. */
import { C, D, embeddingOf, entry, V, x } from './letters.ts';
import {
  apply,
  at,
  type Formula,
  fraction,
  type MathNode,
  role,
  root,
  row,
  size,
  subsup,
  sum,
  sup,
  transposed,
} from './math.ts';

/** Attention of one head at once, as it is usually written. */
const attentionFormula: Formula = [
  row(
    apply('Attention', 'Q , K , V'),
    '=',
    apply('softmax', role('query', 'Q'), transposed(role('key', 'K')), '/', root(D), '+ M'),
    role('value', 'V'),
  ),
];

/** In a block: what attention adds, and what the MLP adds. */
const added = (letter: string) => subsup(letter, 't , c', 'n');

/** It stands without brackets: what it is of is a thin space away. */
const log: MathNode = { kind: 'identifier', text: 'log\u2009' };

const S = size('context', 'S');
const L = size('blocks', 'L');
const F = size('mlpWidth', 'F');

export const articleFormulas = {
  loss: [
    row(
      'loss =',
      '−',
      fraction('1', 'T − 1'),
      sum('t = 0', 'T − 2'),
      log,
      apply('p', at('i', 't + 1'), '|', at('i', '0'), ', … ,', at('i', 't')),
    ),
  ],
  stream: [
    row(
      x('t', 'c'),
      '=',
      embeddingOf(at('i', 't')),
      '+',
      entry('W', 'P', 't', 'c'),
      '+',
      sum('n = 0', 'L − 1'),
      '(',
      added('o'),
      '+',
      added('m'),
      ')',
    ),
  ],
  attention: attentionFormula,
  parameters: [
    row('N = V C + S C + L B + 2 C'),
    row('B = 4', sup('C', '2'), '+ 2 C F + 9 C + F'),
    row('B = 4 ×', sup(C, '2'), '+ 2 ×', C, '×', F, '+ 9 ×', C, '+', F),
    row('N =', V, '×', C, '+', S, '×', C, '+', L, '× B + 2 ×', C),
  ],
} as const satisfies Record<string, Formula>;

export type ArticleFormulaId = keyof typeof articleFormulas;
