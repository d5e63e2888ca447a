/**
 * The formula of an operation once more, with the numbers of the run in it. All of them are the package's:
 * entries of tensors, parts of its explanation, stages of its sampler. Letters as in formulas.ts; where a sum
 * is long, its first two terms stand for it, and its last.
 */
import type { ExplainedFactor, ExplainedTerm, Explanation, ModelConfig } from 'glassformer';
import {
  cumulative,
  explainedNext,
  isTempered,
  shareOf,
  softmaxTotal,
} from '../view/distribution.ts';
import { printOf } from '../view/explained_terms.ts';
import { withinBlock } from '../view/explanation.ts';
import type { Stages } from '../view/next_token.ts';
import { percent, significant, weight as share } from '../view/numbers.ts';
import type { OperationId } from '../view/operations.ts';
import type { Part } from '../view/operation_parts.ts';
import type { Sampling } from '../view/sampling.ts';
import { inOrder } from '../view/sum_walk.ts';
import { tokenLabel } from '../view/token_text.ts';
import {
  apply,
  fraction,
  type MathNode,
  type Mathlike,
  role,
  type Role,
  root,
  row,
  sub,
  subsup,
  sum,
  sup,
} from './math.ts';

/** A line in pieces, between which it may be broken. */
export type FilledLine = readonly MathNode[];

export interface Known {
  readonly operation: OperationId;
  /** Of the number that is explained, with all its terms. */
  readonly whole: Explanation | null;
  /** What the operation takes in and gives out. */
  readonly parts: readonly Part[];
  /** An entry of an activation of the run or of a weight, where it is at hand. */
  readonly entry: (name: string, index: readonly number[]) => number | undefined;
  readonly config: Pick<ModelConfig, 'activation_function' | 'head_width' | 'n_embd'>;
  readonly ids: readonly number[];
  /** The bytes of each of them. */
  readonly tokens: readonly Uint8Array[];
  readonly position: number;
  readonly stages: Stages | null;
  /** What top-k alone leaves, renormalised: one entry a token, as in the stages. */
  readonly keptByTopK: Float32Array | null;
  readonly sampling: Sampling;
}

type Source = Extract<MathNode, { kind: 'value' }>['source'];

const value = (
  number: number,
  source: Source,
  print: (number: number) => string = significant,
): MathNode => ({
  kind: 'value',
  text: print(number),
  source,
});

const entryOf = (number: number, name: string, index: readonly number[]): MathNode =>
  value(number, { 'data-tensor': name, 'data-index': index.join(', ') });

/** Behind an operator a negative number stands in brackets. */
const enclosed = (node: MathNode): MathNode => {
  const shown = node.kind === 'role' ? node.of : node;
  return shown.kind === 'value' && shown.text.startsWith('−') ? row('(', node, ')') : node;
};

const roles: readonly (readonly [RegExp, Role])[] = [
  [/hook_q$/, 'query'],
  [/hook_k$/, 'key'],
  [/hook_[vz]$/, 'value'],
  [/hook_resid_|embed$/, 'residual'],
  [/mlp\.hook_/, 'mlp'],
  [/hook_pattern$|probabilities/, 'probability'],
];

function colored(name: string, node: MathNode): MathNode {
  const known = roles.find(([pattern]) => pattern.test(name));
  return known ? role(known[1], node) : node;
}

function factorOf({ label, factors }: ExplainedTerm, place: number): MathNode {
  const { name, index, value: number, madeOf } = factors[place] as ExplainedFactor;
  // What heads add one by one is no part of a run.
  const isHeld = !madeOf && index.length > 0 && !name.endsWith('hook_result');
  if (isHeld) return colored(name, entryOf(number, name, index));
  return value(number, { 'data-source': 'term', 'data-path': `${label}|${place}` });
}

const single = (term: ExplainedTerm) => term.factors.length === 1;

const productOf = (term: ExplainedTerm): MathNode =>
  row(
    ...term.factors.flatMap((_, place) => {
      const node = factorOf(term, place);
      return place === 0 ? [single(term) ? node : enclosed(node)] : ['×', enclosed(node)];
    }),
  );

/** Which term it is: `c = 7`, the part of a head or of a block, the bias. */
function named(term: ExplainedTerm, node: MathNode): MathNode {
  const [, what, number] = /^(\w+) =? ?(\d+)$/.exec(term.label) ?? [];
  const letters: Record<string, string> = { head: 'h =', attention: 'o', mlp: 'm' };
  const others: Record<string, Mathlike> = {
    bias: 'b',
    embed: sup('W', 'E'),
    pos_embed: sup('W', 'P'),
  };
  const below = what
    ? what === 'attention' || what === 'mlp'
      ? sup(letters[what]!, number!)
      : row(letters[what] ?? `${what} =`, number!)
    : others[term.label];
  return below === undefined ? node : { kind: 'under', of: node, below: row(below) };
}

/** The first two, an ellipsis, the last; a bias stands for itself. */
function pieces(terms: readonly ExplainedTerm[], of: (term: ExplainedTerm) => MathNode) {
  const ordered = inOrder(terms);
  const tail = ordered.at(-1)?.label === 'bias' ? 2 : 1;
  const isShort = ordered.length <= 3 + tail;
  const shown = (list: readonly ExplainedTerm[]) => list.map((term) => named(term, of(term)));
  return isShort
    ? shown(ordered)
    : [...shown(ordered.slice(0, 2)), row('…'), ...shown(ordered.slice(-tail))];
}

/** a + b + … + z, in pieces. */
const added = (parts: readonly MathNode[]): MathNode[] =>
  parts.map((part, place) => (place === 0 ? part : row('+', part)));

const sumOf = (terms: readonly ExplainedTerm[]): MathNode[] =>
  added(
    pieces(terms, (term) => {
      const product = productOf(term);
      return single(term) && term !== inOrder(terms)[0] ? enclosed(product) : product;
    }),
  );

const indexed = (letter: Mathlike, ...index: readonly number[]) => sub(letter, index.join(' , '));

/** The letter of an activation's number. */
function letterOf(name: string, index: readonly number[]): MathNode {
  const [first = 0, second = 0, third = 0] = index;
  const within = withinBlock(name);
  const letters: Record<string, string> = {
    'attn.hook_q': 'q',
    'attn.hook_k': 'k',
    'attn.hook_v': 'v',
    'attn.hook_z': 'z',
  };
  const letter = letters[within];
  if (letter) return colored(name, indexed(letter, first, third));
  switch (within) {
    case 'attn.hook_attn_scores':
      return indexed('e', second, third);
    case 'attn.hook_pattern':
      return colored(name, indexed('a', second, third));
    case 'attn.hook_result':
      return subsup('o', `${first} , ${third}`, String(second));
    case 'hook_attn_out':
      return indexed('o', ...index);
    case 'hook_mlp_out':
      return indexed('m', ...index);
    case 'mlp.hook_pre':
      return colored(name, indexed('u', ...index));
    case 'mlp.hook_post':
      return colored(name, indexed('g', ...index));
    case 'logits':
      return indexed('ℓ', ...index);
    case 'probabilities':
      return colored(name, indexed('p', ...index));
    default:
      return colored(name, indexed('x', ...index));
  }
}

const equals = (node: MathNode) => row(node, '=');
const result = (whole: Explanation) => row('=', colored(whole.name, itself(whole)));

/** The number that is explained. */
const itself = (whole: Explanation) =>
  value(whole.value, { 'data-source': 'explanation', 'data-path': 'value' }, printOf(whole));

/** The sum of two activations, where all three are on screen; else the sum that the explanation has. */
function residual(whole: Explanation, { operation, parts, entry }: Known): FilledLine {
  const last = whole.index.at(-1)!;
  const shown = parts.flatMap(({ name, sign, position }) => {
    const index = [position, last];
    const number = entry(name, index);
    if (number === undefined) return [];
    const node = colored(name, entryOf(number, name, index));
    return [sign === '' ? node : row(sign, sign === '=' ? node : enclosed(node))];
  });
  const sum = parts.at(-1);
  const isIt = sum?.name === whole.name && sum.position === whole.index[0];
  const letter = colored(
    whole.name,
    indexed(operation === 'embedding' ? 'x' : 'x ′', ...whole.index),
  );
  if (isIt && shown.length === 3) return [equals(letter), ...shown];
  return [equals(letterOf(whole.name, whole.index)), ...sumOf(whole.terms), result(whole)];
}

/** gamma (x - mu) / sigma + beta, and the fraction, which is the number itself. */
function normalized(whole: Explanation, { entry, parts }: Known): FilledLine[] {
  const [t = 0, c = 0] = whole.index;
  const own = whole.terms.find(({ label }) => label === 'x');
  const mean = whole.quantities.findIndex(({ symbol }) => symbol === 'mean');
  const scaleName = whole.name.replace(/hook_normalized$/, 'hook_scale');
  const scale = entry(scaleName, [t, 0]);
  if (!own || mean < 0 || scale === undefined) return [];
  const mu = value(whole.quantities[mean]!.value, {
    'data-source': 'explanation',
    'data-path': `quantities.${mean}.value`,
  });
  const sigma = entryOf(scale, scaleName, [t, 0]);
  const standard = () => fraction(row(factorOf(own, 0), '−', enclosed(mu)), sigma);
  const [gamma, beta] = parts.filter(({ kind }) => kind === 'weight');
  const weightOf = (part: Part | undefined) => {
    const number = part && entry(part.name, [c]);
    return number === undefined ? null : entryOf(number, part!.name, [c]);
  };
  const [weight, bias] = [weightOf(gamma), weightOf(beta)];
  const letters = fraction(
    row(role('residual', indexed('x', t, c)), '−', indexed('μ', t)),
    indexed('σ', t),
  );
  const scales = [row(equals(indexed('μ', t)), mu, ','), row(equals(indexed('σ', t)), sigma)];
  const fractionLine = [equals(letters), standard(), result(whole)];
  if (!weight || !bias) return [fractionLine, scales];
  const outputName = whole.name.replace(/hook_normalized$/, 'output');
  const output = entry(outputName, [t, c]);
  return [
    [
      equals(indexed('y', t, c)),
      weight,
      row('×', standard()),
      row('+', enclosed(bias)),
      ...(output === undefined ? [] : [row('=', entryOf(output, outputName, [t, c]))]),
    ],
    fractionLine,
    [
      ...scales.map((each, place) => (place === 1 ? row(each, ',') : each)),
      row(equals(indexed('γ', c)), weight, ','),
      row(equals(indexed('β', c)), bias),
    ],
  ];
}

function scaleOf(whole: Explanation, width: number): FilledLine {
  const columns = whole.terms.filter(({ label }) => label !== 'epsilon');
  const epsilon = whole.terms.find(({ label }) => label === 'epsilon');
  const squares = pieces(columns, (term) => sup(row('(', factorOf(term, 0), ')'), '2'));
  return [
    equals(indexed('σ', whole.index[0]!)),
    root(
      fraction(
        row(...added(squares)),
        value(width, { 'data-source': 'guide', 'data-path': 'width' }, String),
      ),
      ...(epsilon ? ['+', factorOf(epsilon, 0)] : []),
    ),
    result(whole),
  ];
}

/** Of a softmax: what is divided, and by what. */
function softmax(whole: Explanation): FilledLine[] {
  const [own] = whole.terms;
  const place = whole.quantities.findIndex(({ symbol }) => symbol === 'Z');
  const max = whole.quantities.findIndex(({ symbol }) => symbol === 'max');
  const [z, largest] = [whole.quantities[place], whole.quantities[max]];
  const letter = equals(letterOf(whole.name, whole.index));
  // A token does not see those that come after it.
  if (!own || !z || !largest) return [[letter, itself(whole)]];
  const isAttention = whole.name !== 'probabilities';
  const [from = 0, to = 0] = whole.index.slice(-2);
  const [score, other] = isAttention
    ? [indexed('e ′', from, to), sub('e ′', `${from} , u`)]
    : [indexed('ℓ', from, to), sub('ℓ', `${from} , j`)];
  const least = (node: MathNode) => apply('exp', node, '− M');
  const total = value(z.value, {
    'data-source': 'explanation',
    'data-path': `quantities.${place}.value`,
  });
  // The terms of the other sum are as many as the vocabulary has tokens, and not all here.
  const below = z.others > 0 ? total : row(...added(pieces(z.terms, (term) => factorOf(term, 0))));
  return [
    [
      letter,
      fraction(least(score), row(sum(isAttention ? `u ≤ ${from}` : 'j'), least(other))),
      row('=', fraction(factorOf(own, 0), below)),
      result(whole),
    ],
    [
      row('M =', apply('max', other)),
      row(
        '=',
        value(largest.value, {
          'data-source': 'explanation',
          'data-path': `quantities.${max}.value`,
        }),
      ),
    ],
  ];
}

/** The dot product, and what its scaling makes of it. */
function score(whole: Explanation): FilledLine[] {
  const [, t = 0, s = 0] = whole.index;
  const [own] = whole.terms;
  const place = whole.quantities.findIndex(({ symbol }) => symbol === 'dot');
  const dot = whole.quantities[place];
  if (!own || !dot) {
    return [[equals(indexed('e ′', t, s)), row(itself(whole), ','), row(`${s} > ${t}`)]];
  }
  const product = () =>
    value(dot.value, {
      'data-source': 'explanation',
      'data-path': `quantities.${place}.value`,
    });
  return [
    [equals(indexed('r', t, s)), ...sumOf(dot.terms), row('=', product())],
    [
      equals(letterOf(whole.name, whole.index)),
      enclosed(product()),
      row('×', factorOf(own, 2)),
      result(whole),
    ],
  ];
}

function gelu(whole: Explanation, { config }: Known): FilledLine {
  const [own] = whole.terms;
  if (!own) return [];
  const letter = equals(letterOf(whole.name, whole.index));
  const u = () => factorOf(own, 0);
  if (config.activation_function === 'relu') {
    return [letter, apply('max', '0 ,', u()), result(whole)];
  }
  if (config.activation_function === 'gelu') {
    const erf = apply('erf', fraction(u(), root('2')));
    return [letter, row(fraction(u(), '2'), '(', '1 +', erf, ')'), result(whole)];
  }
  return [
    letter,
    row(
      fraction(u(), '2'),
      '(',
      '1 +',
      apply(
        'tanh',
        root(fraction('2', 'π')),
        '(',
        u(),
        '+ 0.044715 ×',
        sup(enclosed(u()), '3'),
        ')',
      ),
      ')',
    ),
    result(whole),
  ];
}

/** For the operations on numbers that are explained. */
function explained(whole: Explanation, known: Known): readonly FilledLine[] {
  const { name, index } = whole;
  const within = withinBlock(name);
  const letter = equals(letterOf(name, index));
  switch (within) {
    case 'hook_embed':
    case 'hook_pos_embed': {
      const [term] = whole.terms;
      if (!term) return [];
      const place = term.factors[0]!.index.join(' , ');
      const of = subsup('W', place, within === 'hook_embed' ? 'E' : 'P');
      return [[equals(of), factorOf(term, 0)]];
    }
    case 'hook_resid_pre':
    case 'hook_resid_mid':
    case 'hook_resid_post':
      return [residual(whole, known)];
    case 'attn.hook_attn_scores':
      return score(whole);
    case 'attn.hook_pattern':
    case 'probabilities':
      return softmax(whole);
    case 'mlp.hook_post':
      return [gelu(whole, known)];
    case 'attn.hook_z': {
      if (known.operation !== 'concatenation') break;
      const [t = 0, head = 0, d = 0] = index;
      const own = subsup('z', `${t} , ${d}`, String(head));
      return [[equals(indexed('z', t, head * known.config.head_width + d)), own, result(whole)]];
    }
    default:
      if (within.endsWith('hook_normalized')) return normalized(whole, known);
      if (within.endsWith('hook_scale')) return [scaleOf(whole, known.config.n_embd)];
  }
  return [[letter, ...sumOf(whole.terms), result(whole)]];
}

/** For those on the probabilities of the next token: of the one that is drawn, or of another. */
function sampled(
  { operation, stages, keptByTopK, sampling }: Known,
  wanted?: number,
): readonly FilledLine[] {
  if (!stages) return [];
  const { order, afterTopK, afterTopP } = stages;
  const token = wanted ?? stages.token;
  const { greedy, temperature, topK, topP } = sampling;
  const stage = (name: 'logits' | 'probabilities' | 'scaled' | 'filtered', id = token) =>
    value(
      stages[name][id]!,
      { 'data-stage': name, 'data-token': String(id) },
      name === 'logits' || name === 'scaled' ? significant : percent,
    );
  const setting = (number: number, name: keyof Sampling) =>
    value(number, { 'data-source': 'setting', 'data-path': name }, String);
  const probability = (strokes: string) => role('probability', sub(`p ${strokes}`, String(token)));
  const logit = sub('ℓ', String(token));
  /** The probabilities of the first so many, the most probable first, added up. */
  const sumTo = (last: string, strokes: string) =>
    row(sum('i = 1', last), role('probability', sub(`p ${strokes}`, '( i )')));
  const chosen = () =>
    value(token, { 'data-source': 'chosen', 'data-token': String(token) }, String);
  const rank = () =>
    value(order.indexOf(token) + 1, { 'data-source': 'rank', 'data-token': String(token) }, String);
  if (operation === 'temperature') {
    const tau = () => setting(greedy ? 1 : temperature, 'temperature');
    const scaled = () => row(sub('ℓ', 'j'), '/ τ');
    const largest = () => stage('scaled', order[0]);
    const total = () => value(softmaxTotal(stages), { 'data-source': 'total' });
    const exponential = apply(
      'exp',
      enclosed(stage('logits')),
      '/',
      tau(),
      '−',
      enclosed(largest()),
    );
    return [
      [equals(probability('')), fraction(exponential, total()), row('=', stage('probabilities'))],
      [row('τ =', tau(), ','), row('M =', apply(sub('max', 'j'), scaled()), '='), largest()],
      [row('Z =', sum('j'), apply('exp', scaled(), '− M'), '='), total()],
    ];
  }
  if (greedy) {
    // Nothing is cut and nothing drawn: the sampler leaves the first of all, with all the probability.
    return [
      [
        row(apply(sub('argmax', 'j'), sub('ℓ', 'j')), '='),
        row(value(token, { 'data-stage': 'token' }, String), ','),
        row(equals(logit), apply(sub('max', 'j'), sub('ℓ', 'j')), '='),
        stage('logits'),
      ],
      [equals(probability(operation === 'topK' ? '′' : '″')), stage('filtered')],
    ];
  }
  switch (operation) {
    case 'topK':
      return [
        [
          equals(probability('′')),
          fraction(
            stage('probabilities'),
            value(
              Math.min(1, cumulative(stages, afterTopK)),
              { 'data-source': 'cumulative', 'data-path': 'afterTopK' },
              percent,
            ),
          ),
          ...(keptByTopK
            ? [
                row(
                  '=',
                  value(
                    keptByTopK[token]!,
                    { 'data-source': 'keptByTopK', 'data-token': String(token) },
                    percent,
                  ),
                ),
              ]
            : []),
        ],
        [
          row(apply('rank', chosen()), '=', rank()),
          row('≤ k =', topK === 0 ? 'V' : setting(topK, 'topK')),
        ],
      ];
    case 'topP': {
      const reached = (count: number) =>
        value(
          cumulative({ order, probabilities: keptByTopK! }, count),
          { 'data-source': 'cumulative', 'data-path': String(count) },
          share,
        );
      // Where all are kept there is no sum that decides.
      const decides = topP < 1 && keptByTopK;
      return [
        [
          row('n = min { m :', sumTo('m', '′'), '≥'),
          row(setting(topP, 'topP'), '}'),
          row('=', value(afterTopP, { 'data-stage': 'afterTopP' }, String)),
        ],
        ...(decides
          ? [
              [
                ...(afterTopP > 1
                  ? [row(sumTo('n − 1', '′'), '='), row(reached(afterTopP - 1), '<')]
                  : []),
                row(setting(topP, 'topP'), '≤'),
                row(sumTo('n', '′'), '='),
                reached(afterTopP),
              ],
            ]
          : []),
      ];
    }
    case 'sampling': {
      const { from, to } = shareOf(stages, token);
      const end = (of: 'from' | 'to') =>
        value(
          { from, to }[of],
          { 'data-source': 'share', 'data-path': of, 'data-token': String(token) },
          share,
        );
      return [
        [
          row('r = min { m :', sumTo('m', '″'), '>'),
          row(value(stages.draw, { 'data-stage': 'draw' }), '}'),
          row('=', rank()),
        ],
        [
          row(sumTo('r − 1', '″'), '='),
          row(end('from'), '≤'),
          row(value(stages.draw, { 'data-stage': 'draw' }), '<'),
          row(sumTo('r', '″'), '='),
          end('to'),
        ],
      ];
    }
    default:
      return [];
  }
}

/** The piece of the text, what it is made of, and its id. */
function tokenized(bytes: Uint8Array, id: number, position: number): readonly FilledLine[] {
  const piece: MathNode = { kind: 'identifier', text: tokenLabel(bytes) };
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const place = { 'data-path': String(position) };
  return [
    [
      equals(indexed('i', position)),
      row(apply('id', piece), '='),
      value(id, { 'data-source': 'tokens', ...place }, String),
    ],
    [row(piece, '='), { kind: 'value', text: hex, source: { 'data-source': 'bytes', ...place } }],
  ];
}

/** Empty where there is nothing to fill in, or it is not known yet. */
export function filledFormula(known: Known): readonly FilledLine[] {
  const { operation, whole, ids, tokens, position } = known;
  const next = explainedNext(whole, ids.length);
  if (next !== null && isTempered(known.sampling)) return sampled(known, next);
  if (whole) return explained(whole, known).filter((line) => line.length > 0);
  const [id, bytes] = [ids[position], tokens[position]];
  if (operation !== 'tokenization' || id === undefined || !bytes) return sampled(known);
  return tokenized(bytes, id, position);
}
