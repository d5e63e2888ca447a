/** Strips of the flow, pixel by pixel. */
import { describe, expect, test } from 'vitest';
import { packed, probabilityColor, signedColor } from '../../../../web/src/view/color.ts';
import { layoutFlow, rowTop } from '../../../../web/src/view/flow/layout.ts';
import { paintStrips, stripColors } from '../../../../web/src/view/flow/paint_strips.ts';
import { type StationId, stationOf } from '../../../../web/src/view/flow/stations.ts';
import { largestShown, rowOf, strongestIn } from '../../../../web/src/view/flow/vectors.ts';

/** Numbers of both signs, in no order, the same each time. */
const numbers = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1)) * (i % 7));

describe('the colours of a row', () => {
  test.each([
    [1, 60],
    [7, 7],
    [16, 53],
    [64, 63],
    [256, 91],
    [1600, 40],
    [3, 1],
  ])('of %i numbers over %i pixels are those of the strongest of each', (count, pixels) => {
    const row = numbers(count);
    for (const theme of ['light', 'dark'] as const) {
      expect(Array.from(stripColors({ role: 'query' }, row, pixels, 5, theme))).toEqual(
        Array.from({ length: pixels }, (_, pixel) =>
          packed(signedColor(row[strongestIn(row, pixel, pixels)]!, 5, theme)),
        ),
      );
    }
  });

  test('of weights are of their own scale', () => {
    expect(
      Array.from(stripColors({ role: 'probability' }, [0, 0.25, 1], 3, 1, 'light'), String),
    ).toEqual([0, 0.25, 1].map((weight) => String(packed(probabilityColor(weight, 'light')))));
  });
});

/** What a canvas of the layout's size is given. */
function painted(tokens: number, density: number) {
  const layout = layoutFlow({ width: 1360, tokens, query: tokens - 1, block: 1, blocks: 6 });
  const [width, height] = [layout.width, layout.height].map((side) => Math.round(side * density));
  const values = {
    q: { data: numbers(tokens * 4 * 16), dims: [tokens, 4, 16] },
    mlpPre: { data: numbers(tokens * 256), dims: [tokens, 256] },
    pattern: { data: numbers(4 * tokens * tokens).map(Math.abs), dims: [4, tokens, tokens] },
  };
  const valuesOf = (id: StationId) => values[id as keyof typeof values] ?? null;
  let pixels = new Uint32Array(0);
  const context = {
    canvas: { width, height },
    createImageData: (across: number, down: number) => ({
      data: new Uint8ClampedArray(4 * across * down),
    }),
    putImageData: ({ data }: ImageData) => (pixels = new Uint32Array(data.buffer)),
  };
  const canvas = context as unknown as CanvasRenderingContext2D;
  paintStrips(canvas, layout, { valuesOf, head: 2 }, 'light', density);
  return { layout, values, width: width!, height: height!, pixels };
}

describe('all strips of all rows', () => {
  test.each([
    [5, 1],
    [5, 2],
    [64, 1.5],
    [256, 1],
  ])('of %i tokens stand in their columns at %f pixels a CSS pixel', (tokens, density) => {
    const { layout, values, width, height, pixels } = painted(tokens, density);
    for (const id of ['q', 'mlpPre'] as const) {
      const station = stationOf(id);
      const { size } = largestShown(station, values[id], 2, layout);
      const column = layout.columns.find((each) => each.id === id)!;
      const across = Math.round(column.width * density);
      for (const position of [0, tokens >> 1, tokens - 1]) {
        const row = rowOf(station, values[id], 2, position);
        const colors = stripColors(station, row, across, size, 'light');
        const start = (rowTop(layout, position) + layout.parts.strip.top) * density;
        const bottom = Math.round(start + layout.parts.strip.height * density);
        for (let y = Math.round(start); y < Math.min(bottom, height); y += 1) {
          const left = y * width + Math.round(column.x * density);
          expect(pixels.slice(left, left + across)).toEqual(colors);
          expect([pixels[left - 1], pixels[left + across]]).toEqual([0, 0]);
        }
      }
    }
  });

  test('show as much of a row of weights as its token may see', () => {
    const { layout, width, pixels } = painted(64, 1);
    const column = layout.columns.find(({ id }) => id === 'pattern')!;
    for (const position of [0, 20, 63]) {
      const y = Math.round(rowTop(layout, position) + layout.parts.strip.top);
      const left = y * width + Math.round(column.x);
      const across = Math.round(column.width);
      const seen = pixels.slice(left, left + across).findLastIndex((color) => color !== 0) + 1;
      expect(seen).toBe(Math.max(1, Math.round((across * (position + 1)) / 64)));
    }
  });

  test('keep the weights of a short text apart', () => {
    const { layout, width, pixels } = painted(5, 1);
    const column = layout.columns.find(({ id }) => id === 'pattern')!;
    const y = Math.round(rowTop(layout, 4) + layout.parts.strip.top);
    const left = y * width + Math.round(column.x);
    const line = pixels.slice(left, left + Math.round(column.width));
    const gaps = line.filter((color, x) => color === 0 && line[x - 1] !== 0);
    expect(gaps.length).toBe(5);
  });
});
