import { describe, expect, test } from 'vitest';
import { componentAt, layoutVector, moveInVector } from '../../../web/src/view/vector_layout.ts';

const lengths = [1, 2, 32, 48, 64, 192, 768, 1600, 3072, 6400, 50257];
const widths = [60, 300, 358, 640, 1200];
const cases = lengths.flatMap((length) => widths.map((width) => [length, width] as const));

describe('the grid of a vector', () => {
  test.each(cases)('%d numbers in %d pixels: all of them, and no wider', (length, width) => {
    const { columns, rows, cellWidth, cellHeight, height } = layoutVector(length, width);
    expect(columns * rows).toBeGreaterThanOrEqual(length);
    // No row is empty.
    expect((rows - 1) * columns).toBeLessThan(length);
    // Few numbers leave room; cells as wide as the page would be a wall.
    expect(columns * cellWidth).toBeCloseTo(Math.min(width, columns * 80), 6);
    expect(rows * cellHeight).toBeCloseTo(height, 6);
    // Wide enough to point at; or, of a vocabulary, small enough to be seen at once.
    if (length < 4000) expect(cellWidth).toBeGreaterThanOrEqual(5);
    else expect(height).toBe(300);
  });

  test('is one high row where there is room', () => {
    expect(layoutVector(32, 640)).toMatchObject({ rows: 1, columns: 32, height: 26 });
  });
});

describe('the component under a point', () => {
  test.each(cases)('of %d in %d pixels is the one that is drawn there', (length, width) => {
    const layout = layoutVector(length, width);
    for (const component of new Set([0, 1, length >> 1, length - 1].filter((i) => i < length))) {
      const x = ((component % layout.columns) + 0.5) * layout.cellWidth;
      const y = (Math.floor(component / layout.columns) + 0.5) * layout.cellHeight;
      expect(componentAt(layout, length, x, y)).toBe(component);
    }
  });

  test('is none outside, and none after the last', () => {
    const layout = layoutVector(7, 30);
    expect(layout.rows).toBeGreaterThan(1);
    expect(componentAt(layout, 7, -1, 2)).toBeNull();
    expect(componentAt(layout, 7, 31, 2)).toBeNull();
    expect(componentAt(layout, 7, 2, -1)).toBeNull();
    expect(componentAt(layout, 7, 2, layout.height + 1)).toBeNull();
    expect(componentAt(layout, 7, 29, layout.height - 1)).toBeNull();
  });
});

describe('a key', () => {
  test.each([
    ['ArrowRight', 5, 6],
    ['ArrowLeft', 5, 4],
    ['ArrowDown', 5, 15],
    ['ArrowUp', 15, 5],
    ['Home', 15, 0],
    ['End', 15, 24],
    ['ArrowLeft', 0, 0],
    ['ArrowRight', 24, 24],
    // There is nothing above the first row, nor below the last.
    ['ArrowUp', 3, 3],
    ['ArrowDown', 17, 17],
  ])('%s leads from %d to %d of 25 in rows of 10', (key, from, to) => {
    expect(moveInVector(from, key, 25, 10)).toBe(to);
  });

  test.each(['Enter', 'a', 'Tab'])('%s is left to others', (key) => {
    expect(moveInVector(5, key, 25, 10)).toBeNull();
  });
});
