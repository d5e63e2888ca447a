import { describe, expect, test } from 'vitest';
import { operationFormulas, otherFormulas } from '../../../web/src/guide/formulas.ts';
import { articleFormulas } from '../../../web/src/guide/article_formulas.ts';
import {
  at,
  type Formula,
  type MathNode,
  row,
  size,
  sizeShown,
} from '../../../web/src/guide/math.ts';
import { childrenOf } from '../../../web/src/guide/plain_math.ts';
import { fill, fillPlain, guideValueNames } from '../../../web/src/guide/values.ts';

const nodesOf = (node: MathNode): MathNode[] => [node, ...childrenOf(node).flatMap(nodesOf)];

describe('a row', () => {
  test('tells numbers, identifiers and operators apart', () => {
    expect(row('u + 0.044715')).toEqual({
      kind: 'row',
      children: [
        { kind: 'identifier', text: 'u' },
        { kind: 'operator', text: '+' },
        { kind: 'number', text: '0.044715' },
      ],
    });
    expect(row('exp ( σ )')).toMatchObject({
      children: [{ kind: 'identifier' }, { kind: 'operator' }, { text: 'σ' }, { kind: 'operator' }],
    });
  });

  test('of one symbol is that symbol', () => {
    expect(row('γ')).toEqual({ kind: 'identifier', text: 'γ' });
  });
});

test('indices stand below their letter, with commas between them', () => {
  expect(at('x', 't', 'c')).toEqual({
    kind: 'scripts',
    base: { kind: 'identifier', text: 'x' },
    sub: {
      kind: 'row',
      children: [
        { kind: 'identifier', text: 't' },
        { kind: 'operator', text: ',' },
        { kind: 'identifier', text: 'c' },
      ],
    },
  });
});

test('a size of the model is its letter until its number is known', () => {
  const width = size('width', 'C');
  if (width.kind !== 'size') throw new Error('no size');
  expect(sizeShown(width)).toEqual({ kind: 'identifier', text: 'C' });
  expect(sizeShown(width, { width: '1,024' })).toEqual({
    kind: 'value',
    text: '1,024',
    source: { 'data-source': 'guide', 'data-path': 'width' },
  });
});

const formulas: [string, Formula][] = [
  ...Object.entries(operationFormulas),
  ...Object.entries(otherFormulas),
  ...Object.entries(articleFormulas),
];

describe.each(formulas)('the formula of %s', (_, formula) => {
  const nodes = formula.flatMap(nodesOf);
  const texts = nodes.flatMap((node) => ('text' in node ? [node.text] : []));

  test('says what it is equal to, or in', () => {
    expect(formula.length).toBeGreaterThan(0);
    expect(texts.some((text) => text === '=' || text === '∈')).toBe(true);
  });

  test('has no empty symbol, and closes its brackets', () => {
    expect(texts.filter((text) => text.trim() === '' && text !== '\u2061')).toEqual([]);
    for (const [open, close] of ['()', '{}', '[]']) {
      const count = (sign: string | undefined) => texts.filter((text) => text === sign).length;
      expect(count(open)).toBe(count(close));
    }
  });

  test('asks only for numbers that the page knows', () => {
    const names = nodes.flatMap((node) => (node.kind === 'size' ? [node.name] : []));
    expect(guideValueNames).toEqual(expect.arrayContaining(names));
  });
});

describe('a text', () => {
  test('is filled with the reader’s own values', () => {
    expect(fill('It adds “{nextToken}” at {nextProbability}.', { nextToken: '·girl' })).toEqual([
      { kind: 'words', text: 'It adds “' },
      { kind: 'letters', text: '·girl', name: 'nextToken' },
      { kind: 'words', text: '” at ' },
      { kind: 'number', text: '…', name: 'nextProbability' },
      { kind: 'words', text: '.' },
    ]);
  });

  test('has nouns that agree with their number', () => {
    const template = 'Each block has {heads head|heads} on {count token|tokens}.';
    expect(fillPlain(template, { heads: '1', count: '1,024' })).toBe(
      'Each block has 1 head on 1,024 tokens.',
    );
  });
});
