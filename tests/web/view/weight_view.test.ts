import { describe, expect, test } from 'vitest';
import { follow, panned, wholeWindow, zoomed } from '../../../web/src/view/weight_view.ts';
import { binned } from '../../../web/src/view/paint_bins.ts';
import { partsOfMatrix, placeIn, windowOn } from '../../../web/src/view/matrix_parts.ts';

const [rows, columns] = [192, 576];
const whole = wholeWindow(rows, columns);

describe('a window on a matrix', () => {
  test('comes closer with the place in the middle staying there', () => {
    expect(zoomed(whole, 2, { row: 96, column: 288 }, rows, columns)).toEqual({
      row: 48,
      rows: 96,
      column: 144,
      columns: 288,
    });
  });

  test('stays within the matrix, and is not made smaller than can be told apart', () => {
    let window = whole;
    for (let i = 0; i < 20; i += 1) window = zoomed(window, 2, { row: 0, column: 575 }, 192, 576);
    expect([window.rows, window.columns]).toEqual([12, 12]);
    expect([window.row, window.column]).toEqual([0, 564]);
    for (let i = 0; i < 20; i += 1) window = zoomed(window, 0.5, { row: 0, column: 0 }, 192, 576);
    expect(window).toEqual(whole);
    expect(panned(whole, { rows: 5, columns: -5 }, rows, columns)).toEqual(whole);
  });

  test('on fewer columns than that does not grow when it comes closer', () => {
    const narrow = windowOn({ axis: 'column', from: 8, to: 16 }, 16, 48);
    expect(zoomed(narrow, 2, { row: 8, column: 12 }, 16, 48).columns).toBe(8);
  });

  test('goes along with an entry that leaves it, no further than it must', () => {
    const window = { row: 20, column: 10, rows: 12, columns: 12 };
    const to = (row: number, column: number) => follow(window, { row, column }, 40, 40);
    expect(to(25, 12)).toBe(window);
    expect(to(32, 9)).toEqual({ ...window, row: 21, column: 9 });
    expect(to(39, 39)).toMatchObject({ row: 28, column: 28 });
  });

  test('shows the strongest of the numbers that share a pixel', () => {
    const data = Float32Array.of(1, -3, 2, 0, 0, 5, 4, -6);
    expect([...binned(data, 4, wholeWindow(2, 4), 1, 2)]).toEqual([5, -6]);
    expect([...binned(data, 4, wholeWindow(2, 4), 2, 4)]).toEqual([...data]);
  });
});

describe('the matrix of queries, keys and values', () => {
  const sizes = { n_embd: 192, head_width: 32 };
  const parts = partsOfMatrix('h.2.attn.c_attn.weight', 3, sizes);

  test('has three thirds, and a head has as many columns in each', () => {
    expect(
      parts.map(({ symbol, range, head }) => [symbol, range!.from, head.from, head.to]),
    ).toEqual([
      ['W_Q', 0, 96, 128],
      ['W_K', 192, 288, 320],
      ['W_V', 384, 480, 512],
    ]);
  });

  test('is seen whole, or a head alone', () => {
    const { range, head } = parts[1]!;
    expect(placeIn(whole, range!)).toEqual({ start: 1 / 3, extent: 1 / 3 });
    const window = windowOn(head, rows, columns);
    expect(window).toEqual({ row: 0, rows: 192, column: 288, columns: 32 });
    expect(placeIn(window, head)).toEqual({ start: 0, extent: 1 });
    expect(placeIn(window, range!)).toEqual({ start: 0, extent: 1 });
    expect(placeIn(window, parts[0]!.head)).toBeNull();
  });

  test('is not the only one that has rows for each head', () => {
    const [output] = partsOfMatrix('h.2.attn.c_proj.weight', 3, sizes);
    expect(output).toMatchObject({ range: null, head: { axis: 'row', from: 96, to: 128 } });
    expect(windowOn(output!.head, 192, 192)).toMatchObject({ row: 96, rows: 32, columns: 192 });
    expect(partsOfMatrix('h.2.mlp.c_proj.weight', 3, sizes)).toEqual([]);
  });
});
