import { describe, expect, test } from 'vitest';
import { attentionRows, pageOf, pageRows, seenOf } from '../../../web/src/view/number_table.ts';

describe('a weight as a table', () => {
  test('is leafed through, eight rows and columns at a time, its last page smaller', () => {
    expect(pageOf({ row: 0, column: 7 }, 192, 576)).toEqual({
      row: 0,
      column: 0,
      rows: 8,
      columns: 8,
    });
    expect(pageOf({ row: 191, column: 8 }, 192, 576)).toMatchObject({ row: 184, column: 8 });
    expect(pageOf({ row: 9, column: 4 }, 10, 5)).toEqual({
      row: 8,
      column: 0,
      rows: 2,
      columns: 5,
    });
  });

  test('of millions of entries has 64 at once', () => {
    const data = new Float32Array(768 * 3072).map((_, at) => at);
    const at = { row: 700, column: 3001 };
    const rows = pageRows('h.0.mlp.c_fc.weight', data, 3072, pageOf(at, 768, 3072), at);
    const numbers = rows.flatMap((row) => row.numbers);
    expect(numbers).toHaveLength(64);
    expect(rows.map(({ place }) => place)).toEqual([696, 697, 698, 699, 700, 701, 702, 703]);
    const [here, ...others] = numbers.filter(({ isHere }) => isHere);
    expect(others).toEqual([]);
    expect(here!.source).toEqual({
      'data-tensor': 'h.0.mlp.c_fc.weight',
      'data-index': '700, 3001',
    });
    expect(rows[0]!.numbers[0]!.source['data-index']).toBe('696, 3000');
  });
});

describe('a row of attention as a table', () => {
  const tokens = ['a', 'b', 'c'].map((text) => new TextEncoder().encode(text));
  const base = {
    ...{ block: 2, head: 1, query: 1, key: 0, tokens },
    scores: Float32Array.of(1, -2, -Infinity),
    products: Float32Array.of(2, -4, -Infinity),
    weights: Float32Array.of(0.9526, 0.0474, 0),
    exponentials: [1, 0.0498],
  };
  const of = (stage: 'scores' | 'scale' | 'mask' | 'softmax', scores: Float32Array | null) =>
    attentionRows({ ...base, stage, scores }).map(({ numbers }) => numbers.map(({ text }) => text));

  test.each([
    ['scores', [['2.000'], ['−4.000']]],
    [
      'scale',
      [
        ['2.000', '1.000'],
        ['−4.000', '−2.000'],
      ],
    ],
    // The one token that is not seen is there too.
    ['mask', [['1.000'], ['−2.000'], ['−∞']]],
    [
      'softmax',
      [
        ['1.000', '1.000', '0.9526'],
        ['−2.000', '0.04980', '0.0474'],
      ],
    ],
  ] as const)('has what %s makes', (stage, expected) => {
    expect(of(stage, base.scores)).toEqual(expected);
  });

  test('has the weights before anybody asked for their scores', () => {
    expect(of('softmax', null)[0]).toEqual(['1.000', '0.9526']);
  });

  test('names the source of each number, and marks the key that is looked at', () => {
    const [first, second] = attentionRows({ ...base, stage: 'scale' });
    expect([first!.isHere, second!.isHere]).toEqual([true, false]);
    expect(second!.numbers.map(({ source }) => source)).toEqual([
      {
        'data-tensor': 'blocks.2.attn.dot_products',
        'data-index': '1, 1, 1',
      },
      { 'data-tensor': 'blocks.2.attn.hook_attn_scores', 'data-index': '1, 1, 1' },
    ]);
  });
});

test('what tokens see of each other is on and below the diagonal', () => {
  expect([
    ...seenOf(Float32Array.of(1, -Infinity, -Infinity, 2, 3, -Infinity, 4, 5, 6), 3),
  ]).toEqual([1, 2, 3, 4, 5, 6]);
});
