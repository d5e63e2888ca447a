import { describe, expect, test } from 'vitest';
import { colorAtPosition, signedAtPosition } from '../../../web/src/view/color.ts';
import {
  cellInMap,
  compactPitch,
  contributionsOf,
  isMapMeasure,
  isNumbered,
  mapCells,
  mapColor,
  mapLimit,
  moveInMap,
  spreadsOf,
  strengthsOf,
} from '../../../web/src/view/head_map.ts';

describe('the map of heads', () => {
  test('fits its width, from 1 head to 25', () => {
    for (const width of [208, 248, 340]) {
      for (const heads of [1, 6, 12, 16, 20, 25]) {
        const { size, gap } = mapCells(width, heads);
        expect(22 + (size + gap) * heads).toBeLessThanOrEqual(width);
      }
    }
  });
  test('has no size before it has a width', () => expect(mapCells(0, 6).size).toBe(0));
  test('numbers all that have room, or every fifth and the one that is selected', () => {
    const numbered = (selected: number, pitch: number) =>
      Array.from({ length: 25 }, (_, head) => head).filter((head) =>
        isNumbered(head, selected, pitch),
      );
    expect(numbered(3, 41)).toHaveLength(25);
    expect(numbered(0, 9)).toEqual([0, 5, 10, 15, 20]);
    expect(numbered(11, 9)).toEqual([0, 5, 11, 15, 20]);
  });
  test('is walked with the arrow keys and ends at its edges', () => {
    expect(moveInMap({ block: 1, head: 1 }, 'ArrowDown', 6, 6)).toEqual({ block: 2, head: 1 });
    expect(moveInMap({ block: 0, head: 0 }, 'ArrowUp', 6, 6)).toEqual({ block: 0, head: 0 });
    expect(moveInMap({ block: 1, head: 1 }, 'End', 6, 6)).toEqual({ block: 1, head: 5 });
    expect(moveInMap({ block: 1, head: 1 }, 'x', 6, 6)).toBeNull();
  });
});

describe('the map in a toolbar', () => {
  test.each([
    [1, 1, 16],
    [6, 6, 8],
    [12, 12, 4],
    [48, 25, 2],
  ])('of %d blocks and %d heads has squares every %d pixels', (blocks, heads, pitch) =>
    expect(compactPitch(48, blocks, heads)).toBe(pitch),
  );
  test('has every head under some point, and nothing beyond its edges', () => {
    const [blocks, heads, pitch] = [48, 25, 2];
    for (let block = 0; block < blocks; block += 1) {
      for (let head = 0; head < heads; head += 1) {
        const [x, y] = [head * pitch + 1, block * pitch + 1];
        expect(cellInMap(x, y, pitch, blocks, heads)).toEqual({ block, head });
      }
    }
    for (const [x, y] of [
      [-1, 0],
      [0, -1],
      [50, 0],
      [0, 96],
    ] as const) {
      expect(cellInMap(x, y, pitch, blocks, heads)).toBeNull();
    }
  });
});

describe('the measures of the heads', () => {
  test('are known by name', () => {
    expect(isMapMeasure('contribution')).toBe(true);
    expect(isMapMeasure('size')).toBe(false);
    expect(isMapMeasure(null)).toBe(false);
  });
  test('strength is the length of each head’s vector', () => {
    const data = Float32Array.of(3, 4, 0, 0, -5, 12);
    expect(strengthsOf({ data }, 3)).toEqual([5, 0, 13]);
  });
  test('contribution leaves out what is no head', () => {
    const terms = [
      { kind: 'token_embedding', value: 9 },
      { kind: 'head', block: 0, head: 1, value: -2 },
      { kind: 'head', block: 1, head: 0, value: 3 },
      { kind: 'attention_bias', block: 1, value: 8 },
      { kind: 'mlp', block: 1, value: 7 },
    ] as const;
    expect(contributionsOf({ terms }, 2, 2)).toEqual([NaN, -2, 3, NaN]);
  });
  test('spread is of each head, or of none where the block was not read', () => {
    const pattern = { heads: 2, tokens: 2, data: Float32Array.of(1, 0, 1, 0, 1, 0, 0.5, 0.5) };
    expect(spreadsOf(pattern, 2)).toEqual([0, 1]);
    expect(spreadsOf(undefined, 2)).toEqual([NaN, NaN]);
  });
  test('are coloured on the scale of their kind', () => {
    const strength = { measure: 'strength', values: [1, NaN, 4] } as const;
    expect(mapLimit(strength)).toBe(4);
    expect(mapColor('strength', 4, 4, 'light')).toEqual(colorAtPosition(1, 'light'));
    expect(mapColor('strength', 0, 0, 'light')).toEqual(colorAtPosition(0, 'light'));
    const contribution = { measure: 'contribution', values: [1, -2] } as const;
    expect(mapLimit(contribution)).toBe(2);
    expect(mapColor('contribution', -2, 2, 'dark')).toEqual(signedAtPosition(0, 'dark'));
    expect(mapColor('contribution', 0, 2, 'dark')).toEqual(signedAtPosition(0.5, 'dark'));
    expect(mapLimit({ measure: 'spread', values: [0.2] })).toBe(1);
    expect(mapColor('spread', 0, 1, 'light')).toEqual(colorAtPosition(1, 'light'));
  });
});
