/**
 * The formula of each operation, for one number of its output. Letters:
 *   t the position at work, s a position it looks at, u any position up to t
 *   c a column of the residual stream, d a column of a head, f a neuron of the MLP, w a token
 * Those of the explanations in core/analysis/explained_operations.cc, with attention written for one
 * head.
 */
import type { OperationId } from '../view/operations.ts';
import type { WayId } from '../view/ways.ts';
import {
  apply,
  at,
  type Formula,
  fraction,
  type MathNode,
  type Mathlike,
  role,
  root,
  row,
  size,
  sub,
  subsup,
  sum,
  sup,
} from './math.ts';
import { C, D, embeddingOf, entry, V, x } from './letters.ts';
import { masked, softmaxFormula, weightOf } from './softmax_formula.ts';

const H = size('heads', 'H');
/** The number of the block on screen, plus 1. */
const n = row('(', size('block', 'n'), '+ 1 )');

const q = (...indices: Mathlike[]) => role('query', at('q', ...indices));
const k = (...indices: Mathlike[]) => role('key', at('k', ...indices));
const v = (...indices: Mathlike[]) => role('value', at('v', ...indices));
const p = (...indices: Mathlike[]) => role('probability', at('p', ...indices));

/** output = sum over the inputs of input times weight, plus bias. */
const linear = (
  output: MathNode,
  input: MathNode,
  over: string,
  of: string,
  to: string,
): MathNode =>
  row(output, '=', sum(over), input, entry('W', of, over, to), '+', entry('b', of, to));

const y = at('y', 't', 'c');
const r = at('r', 't', 's');
const e = at('e', 't', 's');
const g = role('mlp', at('g', 't', 'f'));
const u = role('mlp', at('u', 't', 'f'));

const norm: Formula = [
  row(
    y,
    '=',
    at('γ', 'c'),
    fraction(row(x('t', 'c'), '−', at('μ', 't')), at('σ', 't')),
    '+',
    at('β', 'c'),
  ),
  row(at('μ', 't'), '=', fraction('1', C), sum('c'), x('t', 'c')),
  row(
    at('σ', 't'),
    '=',
    root(
      fraction('1', C),
      sum('c'),
      sup(row('(', x('t', 'c'), '−', at('μ', 't'), ')'), '2'),
      '+ ε',
    ),
  ),
];

/** The i-th largest probability. */
const ranked = (place: string) => role('probability', sub('p', `( ${place} )`));

/** A probability after top-k (one stroke), after top-p (two). */
const kept = (of: string, strokes: string) => role('probability', sub(`p ${strokes}`, of));

export const operationFormulas: Readonly<Record<OperationId, Formula>> = {
  tokenization: [row(at('i', 't'), '∈ { 0 , 1 , … ,', V, '− 1 }')],
  embedding: [row(x('t', 'c'), '=', embeddingOf(at('i', 't')), '+', entry('W', 'P', 't', 'c'))],
  layerNorm: norm,
  queryKeyValue: [
    linear(q('t', 'd'), y, 'c', 'Q', 'd'),
    linear(k('t', 'd'), y, 'c', 'K', 'd'),
    linear(v('t', 'd'), y, 'c', 'V', 'd'),
  ],
  scores: [row(r, '=', sum('d'), q('t', 'd'), k('s', 'd'))],
  scale: [row(e, '=', fraction(r, root(D)))],
  // Case by case: a brace that spans lines needs a font for mathematics, which few phones have.
  mask: [row(masked('s'), '=', e, ', s ≤ t'), row(masked('s'), '= − ∞ , s > t')],
  softmax: softmaxFormula,
  weightedSum: [row(at('z', 't', 'd'), '=', sum('s ≤ t'), weightOf('t', 's'), v('s', 'd'))],
  concatenation: [
    row(sub('z', row('t , h ×', D, '+ d')), '=', subsup('z', 't , d', 'h')),
    row(H, '×', D, '=', C),
  ],
  outputProjection: [linear(at('o', 't', 'c'), at('z', 't', 'j'), 'j', 'O', 'c')],
  residual: [row(role('residual', at('x ′', 't', 'c')), '=', x('t', 'c'), '+', at('o', 't', 'c'))],
  mlpUp: [linear(u, y, 'c', 'up', 'f')],
  gelu: [
    row(
      g,
      '=',
      fraction('u', '2'),
      '(',
      '1 +',
      apply('tanh', root(fraction('2', 'π')), '(', 'u + 0.044715', sup('u', '3'), ')'),
      ')',
    ),
    row('u =', u),
  ],
  mlpDown: [linear(at('m', 't', 'c'), g, 'f', 'down', 'c')],
  finalNorm: norm,
  unembedding: [row(at('ℓ', 't', 'w'), '=', sum('c'), y, embeddingOf('w'))],
  temperature: [
    row(
      p('w'),
      '=',
      fraction(
        apply('exp', row(at('ℓ', 'w'), '/', 'τ')),
        row(sum('j'), apply('exp', row(at('ℓ', 'j'), '/', 'τ'))),
      ),
    ),
  ],
  topK: [
    row(
      kept('w', '′'),
      '=',
      fraction(p('w'), row(sum('i = 1', 'k'), ranked('i'))),
      ',',
      apply('rank', 'w'),
      '≤ k',
    ),
    row(kept('w', '′'), '= 0 ,', apply('rank', 'w'), '> k'),
  ],
  topP: [row('n = min { m :', sum('i = 1', 'm'), kept('( i )', '′'), '≥ P }')],
  sampling: [
    row('r = min { m :', sum('i = 1', 'm'), kept('( i )', '″'), '> U }'),
    row('0 ≤ U < 1'),
  ],
};

/** Of the operations that a model carries out in another way than GPT-2. */
export const otherFormulas: Readonly<Record<WayId, Formula>> = {
  unscaled: [row(e, '=', r)],
  scaledByBlock: [row(e, '=', fraction(r, n))],
  scaledTwice: [row(e, '=', fraction(r, row(root(D), n)))],
  relu: [row(g, '=', apply('max', '0 ,', u))],
  exactGelu: [
    row(g, '=', fraction('u', '2'), '(', '1 +', apply('erf', fraction('u', root('2'))), ')'),
    row('u =', u),
  ],
  untied: [row(at('ℓ', 't', 'w'), '=', sum('c'), y, entry('W', 'U', 'w', 'c'))],
};
