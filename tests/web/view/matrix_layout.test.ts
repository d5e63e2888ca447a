import { describe, expect, test } from 'vitest';
import {
  cellAt,
  cellsInRow,
  hatching,
  layoutMatrix,
  moveCell,
  partOf,
} from '../../../web/src/view/matrix_layout.ts';

const lengths = [1, 2, 10, 36, 64, 128, 256, 1024];

describe('a matrix', () => {
  test.each(lengths)('of %d tokens fits the space there is', (tokens) => {
    for (const available of [200, 470]) {
      for (const density of [1, 1.5, 2, 3]) {
        const { size } = layoutMatrix(tokens, available, density);
        expect(size).toBeLessThanOrEqual(available + 1e-9);
        expect(size).toBeGreaterThan(0);
      }
    }
  });

  test('of one token does not become one huge cell', () => {
    expect(layoutMatrix(1, 470, 1).pitch).toBeLessThan(50);
  });

  test('with gaps has cells of whole device pixels', () => {
    const { pitch, gap } = layoutMatrix(37, 470, 2);
    expect(gap).toBeGreaterThan(0);
    expect(pitch * 2).toBe(Math.round(pitch * 2));
  });

  test('of a long text uses the space, and numbers positions instead of naming tokens', () => {
    const layout = layoutMatrix(256, 470, 1);
    expect(layout.size).toBeGreaterThan(460);
    expect(layout.labels).toBe(false);
    expect(layout.tick * layout.pitch).toBeGreaterThan(20);
  });
});

describe('the cell under the pointer', () => {
  const layout = layoutMatrix(10, 400, 1);

  test('is row, then column', () => {
    expect(cellAt(layout, 2.5 * layout.pitch, 7.5 * layout.pitch)).toEqual({ query: 7, key: 2 });
  });
  test('may be on the diagonal', () => {
    expect(cellAt(layout, 3.5 * layout.pitch, 3.5 * layout.pitch)).toEqual({ query: 3, key: 3 });
  });
  test('is none above the diagonal', () => {
    expect(cellAt(layout, 7.5 * layout.pitch, 2.5 * layout.pitch)).toBeNull();
  });
  test.each([
    [-1, 5],
    [5, -1],
    [5, 401],
  ])('is none outside, at %d, %d', (x, y) => expect(cellAt(layout, x, y)).toBeNull());

  test('is found for every cell of a long text', () => {
    const long = layoutMatrix(256, 470, 1);
    for (let query = 0; query < 256; query += 5) {
      for (let key = 0; key <= query; key += 7) {
        const found = cellAt(long, (key + 0.5) * long.pitch, (query + 0.5) * long.pitch);
        expect(found).toEqual({ query, key });
      }
    }
  });
});

describe('a part of a matrix', () => {
  const window = { row: 20, column: 10, rows: 12, columns: 12 };
  const layout = layoutMatrix(12, 240, 1);
  const at = (column: number, row: number, isSquare = false) =>
    cellAt(layout, (column + 0.5) * layout.pitch, (row + 0.5) * layout.pitch, window, isSquare);

  test('has its cells where they are seen', () => {
    expect(at(0, 0)).toEqual({ query: 20, key: 10 });
    expect(at(11, 1)).toEqual({ query: 21, key: 21 });
    expect(at(11, 0)).toBeNull();
    expect(at(11, 0, true)).toEqual({ query: 20, key: 21 });
    expect(at(12, 3, true)).toBeNull();
  });

  test('has so many cells in a row as the row has there', () => {
    expect(cellsInRow(20, 12, window)).toBe(11);
    expect(cellsInRow(31, 12, window)).toBe(12);
    expect(cellsInRow(5, 12, window)).toBe(0);
    expect(cellsInRow(20, 12, window, true)).toBe(12);
  });

  test('has the colours of its cells', () => {
    const all = Uint32Array.from({ length: 40 * 40 }, (_, i) => i);
    const part = partOf(all, 40, window);
    expect(part).toHaveLength(144);
    expect([part[0], part[143]]).toEqual([20 * 40 + 10, 31 * 40 + 21]);
    expect(partOf(all, 40, { row: 0, column: 0, rows: 40, columns: 40 })).toBe(all);
  });
});

describe('hatching', () => {
  /** Points of all lines, in cells. */
  const pointsOf = (path: string, pitch: number) =>
    Array.from(path.matchAll(/[ML]([\d.]+) ([\d.]+)/g), ([, x, y]) => ({
      x: Number(x) / pitch,
      y: Number(y) / pitch,
    }));

  test.each([2, 10, 40, 128])('of %d tokens lies above the diagonal, and all over it', (tokens) => {
    const layout = layoutMatrix(tokens, 470, 1);
    const points = pointsOf(hatching(layout), layout.pitch);
    expect(points.length).toBeGreaterThan(0);
    for (const { x, y } of points) {
      expect(x).toBeLessThanOrEqual(tokens);
      expect(Math.floor(x + 1e-9)).toBeGreaterThanOrEqual(Math.floor(y - 1e-9));
    }
    const [right, low] = [
      Math.max(...points.map(({ x }) => x)),
      Math.max(...points.map(({ y }) => y)),
    ];
    expect(right).toBeGreaterThan(tokens - 1.1);
    expect(low).toBeGreaterThan(tokens - 3);
  });

  test('of one token, and below the diagonal, is none', () => {
    expect(hatching(layoutMatrix(1, 470, 1))).toBe('');
    expect(hatching(layoutMatrix(12, 470, 1), { row: 30, column: 2 })).toBe('');
    expect(hatching(layoutMatrix(120, 470, 1), { row: 300, column: 2 })).toBe('');
  });
});

describe('arrow keys', () => {
  const from = { query: 4, key: 2 };

  test.each([
    ['ArrowUp', { query: 3, key: 2 }],
    ['ArrowDown', { query: 5, key: 2 }],
    ['ArrowLeft', { query: 4, key: 1 }],
    ['ArrowRight', { query: 4, key: 3 }],
    ['Home', { query: 4, key: 0 }],
    ['End', { query: 4, key: 4 }],
    ['PageDown', { query: 9, key: 2 }],
  ])('%s moves to the neighbour', (key, to) => expect(moveCell(from, key, 10)).toEqual(to));

  test('stop at the diagonal and at the edges', () => {
    expect(moveCell({ query: 2, key: 2 }, 'ArrowRight', 10)).toEqual({ query: 2, key: 2 });
    expect(moveCell({ query: 2, key: 2 }, 'ArrowUp', 10)).toEqual({ query: 2, key: 2 });
    expect(moveCell({ query: 9, key: 0 }, 'ArrowDown', 10)).toEqual({ query: 9, key: 0 });
    expect(moveCell({ query: 9, key: 0 }, 'ArrowLeft', 10)).toEqual({ query: 9, key: 0 });
  });

  test('only: other keys stay', () => expect(moveCell(from, 'a', 10)).toEqual(from));

  test('go across the diagonal where there is something', () => {
    expect(moveCell({ query: 2, key: 2 }, 'ArrowRight', 10, true)).toEqual({ query: 2, key: 3 });
    expect(moveCell({ query: 2, key: 2 }, 'ArrowUp', 10, true)).toEqual({ query: 1, key: 2 });
    expect(moveCell({ query: 2, key: 2 }, 'End', 10, true)).toEqual({ query: 2, key: 9 });
    expect(moveCell({ query: 2, key: 9 }, 'ArrowRight', 10, true)).toEqual({ query: 2, key: 9 });
  });

  test('never leave the lower triangle', () => {
    let cell = { query: 0, key: 0 };
    const keys = [
      'ArrowDown',
      'ArrowRight',
      'End',
      'ArrowUp',
      'PageDown',
      'ArrowLeft',
      'Home',
      'PageUp',
    ];
    for (let i = 0; i < 200; i += 1) {
      cell = moveCell(cell, keys[(i * i + i) % keys.length]!, 5);
      expect(cell.key).toBeLessThanOrEqual(cell.query);
      expect(cell.query).toBeLessThan(5);
    }
  });
});
