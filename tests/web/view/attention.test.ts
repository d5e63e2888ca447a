import { describe, expect, test } from 'vitest';
import {
  attentionSpread,
  cellColors,
  entropy,
  type Pattern,
  patternBlocks,
  patternBudget,
  patternBytes,
  patternOfHead,
  patternRow,
  strongestKey,
  thumbnail,
} from '../../../web/src/view/attention.ts';

/** Each row given by its lower triangle. */
function patternFrom(heads: number[][][]): Pattern {
  const tokens = heads[0]!.length;
  const data = heads.flatMap((rows) =>
    rows.flatMap((row) => [...row, ...new Array<number>(tokens - row.length).fill(0)]),
  );
  return { heads: heads.length, tokens, data: Float32Array.from(data) };
}

const focused = [[1], [1, 0], [0, 1, 0]];
const uniform = [[1], [1 / 2, 1 / 2], [1 / 3, 1 / 3, 1 / 3]];

describe('a pattern', () => {
  const pattern = patternFrom([focused, [[1], [0.25, 0.75], [0.5, 0.25, 0.25]]]);

  test('gives one query’s weights over all keys', () => {
    expect(Array.from(patternRow(pattern, 1, 1))).toEqual([0.25, 0.75, 0]);
  });

  test('gives one head whole', () => {
    expect(Array.from(patternOfHead(pattern, 1))).toEqual([
      1, 0, 0, 0.25, 0.75, 0, 0.5, 0.25, 0.25,
    ]);
  });

  test('copies nothing', () => {
    expect(patternRow(pattern, 1, 1).buffer).toBe(pattern.data.buffer);
  });

  test('has a strongest key for each query: the first among equals', () => {
    expect(strongestKey(patternRow(pattern, 1, 1), 1)).toBe(1);
    expect(strongestKey(Float32Array.of(0.5, 0.5), 1)).toBe(0);
  });
});

describe('entropy', () => {
  test('of one certain token is 0 bits', () => expect(entropy([0, 1, 0])).toBeCloseTo(0));
  test('of four equal ones is 2 bits', () => expect(entropy([0.25, 0.25, 0.25, 0.25])).toBe(2));
});

describe('the spread of a head', () => {
  test('is 0 where every token looks at one only', () => {
    expect(attentionSpread(patternFrom([focused]), 0)).toBeCloseTo(0);
  });
  test('is 1 where every token looks at all equally', () => {
    expect(attentionSpread(patternFrom([uniform]), 0)).toBeCloseTo(1, 6);
  });
  test('is measured for the head asked for', () => {
    expect(attentionSpread(patternFrom([focused, uniform]), 1)).toBeCloseTo(1, 6);
  });
  test('of a single token, which has no choice, is no number', () => {
    expect(attentionSpread(patternFrom([[[1]]]), 0)).toBeNaN();
  });
});

describe('a thumbnail', () => {
  test('of a text no longer than it has pixels shows each weight', () => {
    const cells = thumbnail(patternFrom([uniform]), 0, 30);
    expect(cells.length).toBe(9);
    expect(cells[8]).toBeCloseTo(1 / 3);
    expect(cells[1]).toBeNaN();
  });

  test.each([28.8, 35.2, 0.4])('is whole at %d pixels', (size) => {
    const tokens = 53;
    const data = new Float32Array(tokens * tokens).fill(0.5);
    const side = Math.max(1, Math.floor(size));
    const cells = thumbnail({ heads: 1, tokens, data }, 0, size);
    expect(cells.length).toBe(side * side);
    for (let row = 0; row < side; row += 1) expect(cells[row * side + row]).toBe(0.5);
  });

  test('of a longer one keeps the largest weight of each pixel', () => {
    const tokens = 8;
    const data = new Float32Array(tokens * tokens);
    data[5 * tokens + 2] = 0.9;
    const cells = thumbnail({ heads: 1, tokens, data }, 0, 4);
    expect(cells.length).toBe(16);
    expect(cells[2 * 4 + 1]).toBeCloseTo(0.9);
    expect(Math.max(...cells.filter((value, i) => i !== 9 && !Number.isNaN(value)))).toBe(0);
  });
});

describe('a run copies out', () => {
  test('the patterns of all blocks of a small model at its full context', () => {
    expect(patternBlocks(6, 6, 256, 3)).toEqual([0, 1, 2, 3, 4, 5]);
  });
  test('only the block on screen where all would be too much', () => {
    expect(patternBytes(48, 25, 1024)).toBeGreaterThan(patternBudget);
    expect(patternBlocks(48, 25, 1024, 17)).toEqual([17]);
  });
});

describe('the colours of a matrix', () => {
  const values = Float32Array.from([1, -Infinity, 2, 3]);
  const colorOf = (value: number) => [value, 0, 0] as const;
  const opaque = 0xff000000;

  test('are of the numbers, and none above the diagonal', () => {
    expect(Array.from(cellColors(values, 2, colorOf, null))).toEqual([
      opaque + 1,
      0,
      opaque + 2,
      opaque + 3,
    ]);
  });
  test('may say what is masked', () => {
    expect(cellColors(values, 2, colorOf, [9, 0, 0])[1]).toBe(opaque + 9);
  });
});
