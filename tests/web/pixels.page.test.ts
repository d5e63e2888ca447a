/**
 * What is painted in the inspector and on the map, pixel by pixel, beside the colours that the page's scales
 * have for the package's own numbers. The flow's strips are in flow.page.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ActivationCache, load, type Model } from 'glassformer';
import type { Locator, Page } from 'playwright-core';
import { attentionSpread } from '../../web/src/view/attention.ts';
import {
  colorAtPosition,
  maskedColor,
  probabilityColor,
  type Rgb,
  signedColor,
  type Theme,
} from '../../web/src/view/color.ts';
import { largestMagnitude } from '../../web/src/view/flow/vectors.ts';
import { layoutVector } from '../../web/src/view/vector_layout.ts';
import { wholeWindow } from '../../web/src/view/weight_view.ts';
import { binned } from '../../web/src/view/paint_bins.ts';
import { idsOn, Site } from './support/page.ts';

const [block, head, width, heads, blocks, tokens] = [2, 3, 32, 6, 6, 10];
const last = tokens - 1;
let site: Site;
let model: Model;
let ids: number[];
let cache: ActivationCache;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('../../weights/stories/', import.meta.url));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

/** Where a canvas is looked at, in its own pixels, and the colour it is to have there; null: not painted. */
interface Dot {
  of: string;
  x: number;
  y: number;
  color: Rgb | null;
}
type Size = Record<'width' | 'height', number>;

const sizeOf = (canvas: Locator): Promise<Size> =>
  canvas.evaluate(({ width, height }: HTMLCanvasElement) => ({ width, height }));

/**
 * Waits until each dot has its colour, give or take `tolerance` of 255: Node and browsers round in their own
 * ways, which may be a step of the scale.
 */
async function expectPainted(canvas: Locator, dotsIn: (size: Size) => Dot[], tolerance: number) {
  const unlike = async () => {
    const dots = dotsIn(await sizeOf(canvas));
    const seen = await canvas.evaluate(
      (canvas: HTMLCanvasElement, places) => {
        const context = canvas.getContext('2d')!;
        return places.map(([x, y]) => Array.from(context.getImageData(x!, y!, 1, 1).data));
      },
      dots.map(({ x, y }) => [Math.floor(x), Math.floor(y)]),
    );
    expect(dots.length).toBeGreaterThan(5);
    // Of one colour all of them would say little.
    expect(new Set(dots.map(({ color }) => String(color))).size).toBeGreaterThan(2);
    return dots.flatMap(({ of, color }, place) => {
      const [pixel, alpha] = [seen[place]!.slice(0, 3), seen[place]![3]!];
      const isRight = color
        ? alpha === 255 && pixel.every((each, i) => Math.abs(each - color[i]!) <= tolerance)
        : alpha === 0;
      return isRight ? [] : [`${of}: ${pixel.join()} (${alpha}), not ${String(color)}`];
    });
  };
  await expect.poll(unlike).toEqual([]);
}

const inspect = (page: Page, operation: string) =>
  page.locator('.inspector select').selectOption(operation);

const themes: [Theme, number][] = [
  ['light', 1],
  ['dark', 2],
];
describe.each(themes)('%s, with %d pixels to a length', (theme, deviceScaleFactor) => {
  let page: Page;
  beforeAll(async () => {
    const options = { colorScheme: theme, deviceScaleFactor };
    ({ page } = await site.visitReady(`#block=${block}&head=${head}&op=scores`, options));
    ids = await idsOn(page);
    expect(ids).toHaveLength(tokens);
    ({ cache } = await model.runWithCache(ids));
  });
  afterAll(() => page.context().close());

  const rowAt = (name: string, position = last) => {
    const { data } = cache.get(name);
    const length = data.length / tokens;
    return data.subarray(position * length, (position + 1) * length);
  };

  describe('the matrix of a head', () => {
    test.each(['scores', 'scale', 'mask', 'softmax'] as const)('of %s', async (stage) => {
      await inspect(page, stage);
      const isWeights = stage === 'softmax';
      const inBlock = `blocks.${block}.attn.hook_`;
      const values = cache.get(`${inBlock}${isWeights ? 'pattern' : 'attn_scores'}`);
      const largest = largestMagnitude(
        Array.from({ length: tokens ** 2 }, (_, i) => [Math.floor(i / tokens), i % tokens])
          .filter(([query, key]) => key! <= query!)
          .map(([query, key]) => values.at(head, query!, key!)),
      );
      const times = Math.sqrt(width);
      const colorOf = (query: number, key: number): Rgb | null => {
        if (key > query) return stage === 'mask' ? maskedColor[theme] : null;
        const value = values.at(head, query, key);
        if (isWeights) return probabilityColor(value, theme);
        // Scaled scores pale on the scale of the dot products that they come from.
        const dot = stage === 'scores' ? value * times : value;
        return signedColor(dot, stage === 'mask' ? largest : largest * times, theme);
      };
      const canvas = page.locator('.inspector .attention canvas');
      const dots = ({ width, height }: Size) =>
        Array.from({ length: tokens ** 2 }, (_, i): Dot => {
          const [query, key] = [Math.floor(i / tokens), i % tokens];
          return {
            of: `query ${query}, key ${key}`,
            x: ((key + 0.5) * width) / tokens,
            y: ((query + 0.5) * height) / tokens,
            color: colorOf(query, key),
          };
        });
      await expectPainted(canvas, dots, 4);
    });
  });

  describe('a weight', () => {
    const plotOf = (name: string) => page.getByRole('application', { name: `The weight ${name},` });
    async function open(operation: string, name: string) {
      await inspect(page, operation);
      const summary = page.locator('.inspector summary', { hasText: `The weight ${name}` });
      await summary.waitFor();
      if ((await plotOf(name).count()) === 0) await summary.click();
      await plotOf(name).waitFor();
      return plotOf(name).locator('canvas');
    }

    test.each([
      ['embedding', 'wte.weight'],
      ['embedding', 'wpe.weight'],
      ['queryKeyValue', 'h.2.attn.c_attn.weight'],
      ['outputProjection', 'h.2.attn.c_proj.weight'],
      ['mlpUp', 'h.2.mlp.c_fc.weight'],
      ['mlpDown', 'h.2.mlp.c_proj.weight'],
    ])('of %s, %s, is seen as a whole by the strongest of what shares a pixel', async (...of) => {
      const canvas = await open(...of);
      const { data, dims } = await model.weight(of[1]);
      const [rows, columns] = dims as [number, number];
      const limit = largestMagnitude(data);
      const dots = ({ width, height }: Size) => {
        const bins = binned(data, columns, wholeWindow(rows, columns), height, width);
        return Array.from({ length: 60 }, (_, i): Dot => {
          const [x, y] = [Math.floor((((i * 7) % 60) * width) / 60), Math.floor((i * height) / 60)];
          return { of: `${x}, ${y}`, x, y, color: signedColor(bins[y * width + x]!, limit, theme) };
        });
      };
      await expectPainted(canvas, dots, 0);
    });

    test('is seen entry by entry from closer', async () => {
      const name = 'h.2.attn.c_attn.weight';
      const canvas = await open('queryKeyValue', name);
      await page.getByRole('button', { name: `W_K of head ${head}` }).click();
      const weight = await model.weight(name);
      const [rows, limit, first] = [weight.dims[0]!, largestMagnitude(weight.data), 192 + 96];
      const dots = ({ width: across, height }: Size) =>
        Array.from({ length: 64 }, (_, i): Dot => {
          const [row, column] = [(i * 53) % rows, (i * 7) % width];
          return {
            of: `row ${row}, column ${first + column}`,
            x: Math.ceil((column * across) / width),
            y: Math.ceil((row * height) / rows),
            color: signedColor(weight.at(row, first + column), limit, theme),
          };
        });
      await expectPainted(canvas, dots, 0);
      await page.getByRole('button', { name: 'All of it' }).click();
    });
  });

  describe('a vector', () => {
    /** Beside the number that has the full colour. */
    async function expectVector(place: number, row: Float32Array, limit: number, from = 0, to = 0) {
      const plot = page.locator('.inspector .vectors .part').nth(place).locator('.plot');
      const canvas = plot.locator('canvas');
      const layout = layoutVector(row.length, await plot.evaluate((each) => each.clientWidth));
      const components = Array.from({ length: (to || row.length) - from }, (_, i) => from + i);
      const dots = (): Dot[] =>
        components.map((i) => ({
          of: `component ${i}`,
          x: ((i % layout.columns) + 0.45) * layout.cellWidth * deviceScaleFactor,
          y: (Math.floor(i / layout.columns) + 0.45) * layout.cellHeight * deviceScaleFactor,
          color: signedColor(row[i]!, limit, theme),
        }));
      await expectPainted(canvas, dots, 4);
    }

    test.each([
      ['embedding', ['hook_embed', 'hook_pos_embed', 'blocks.0.hook_resid_pre']],
      ['residual', ['resid_pre', 'attn_out', 'resid_mid'].map((of) => `blocks.2.hook_${of}`)],
    ])('of %s is on one scale with what it is added to', async (operation, names) => {
      await inspect(page, operation);
      const rows = names.map((name) => rowAt(name));
      const limit = Math.max(...rows.map(largestMagnitude));
      for (const [place, row] of rows.entries()) await expectVector(place, row, limit);
    });

    test('goes on in the next line, on a scale of its own', async () => {
      await inspect(page, 'gelu');
      for (const [place, name] of ['hook_pre', 'hook_post'].entries()) {
        const row = rowAt(`blocks.2.mlp.${name}`);
        await expectVector(place, row, largestMagnitude(row));
      }
    });

    test('may be a weight: what a layer norm multiplies by and adds', async () => {
      await inspect(page, 'layerNorm');
      // After what enters, its divisor and what that leaves.
      for (const [place, name] of ['weight', 'bias'].entries()) {
        const { data } = await model.weight(`h.2.ln_1.${name}`);
        await expectVector(3 + place, data, largestMagnitude(data));
      }
    });

    test('of all heads shows the one on screen in full colour', async () => {
      await inspect(page, 'concatenation');
      const row = rowAt('blocks.2.attn.hook_z');
      await expectVector(0, row, largestMagnitude(row), head * width, (head + 1) * width);
      const canvas = page.locator('.inspector .vectors canvas');
      const opacities = await canvas.evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d')!.getImageData(0, height >> 1, width, 1);
        return [...new Set(Array.from({ length: width }, (_, x) => data[4 * x + 3]!))];
      });
      expect(opacities).toEqual(expect.arrayContaining([255, Math.round(0.28 * 255)]));
    });
  });

  describe('the map of heads', () => {
    const pick = (name: string) =>
      page.locator('[data-focus=map]').getByRole('button', { name, exact: true }).click();
    const places = Array.from({ length: blocks * heads }, (_, i) => ({
      block: Math.floor(i / heads),
      head: i % heads,
    }));
    const canvases = () => [
      page.locator('.panels .map canvas'),
      page.locator('.flow .compact canvas'),
    ];

    const colors: Record<string, () => Promise<Rgb[]>> = {
      Spread: async () =>
        places.map(({ block, head }) => {
          const { data } = cache.get(`blocks.${block}.attn.hook_pattern`);
          const spread = attentionSpread({ heads, tokens, data }, head);
          return colorAtPosition(1 - spread, theme);
        }),
      Strength: async () => {
        const names = ['blocks.*.attn.hook_result'];
        const { cache } = await model.runWithCache(ids, { names });
        const sizes = places.map(({ block, head }) => {
          const { data, dims } = cache.get(`blocks.${block}.attn.hook_result`);
          const start = (last * heads + head) * dims[2]!;
          return Math.hypot(...data.subarray(start, start + dims[2]!));
        });
        return sizes.map((size) => colorAtPosition(size / Math.max(...sizes), theme));
      },
      Contribution: async () => {
        const { terms } = await model.logitAttribution(ids);
        const values = places.map(
          (at) => terms.find((term) => term.block === at.block && term.head === at.head)!.value,
        );
        return values.map((value) => signedColor(value, largestMagnitude(values), theme));
      },
    };

    test.each(Object.keys(colors))('by %s, and the small one beside the flow', async (measure) => {
      await pick(measure);
      const found = await colors[measure]!();
      for (const canvas of canvases()) {
        const dots = ({ width, height }: Size) =>
          places.map(({ block, head }, i): Dot => ({
            of: `block ${block}, head ${head}`,
            x: ((head + 0.45) * width) / heads,
            y: ((block + 0.45) * height) / blocks,
            color: found[i]!,
          }));
        await expectPainted(canvas, dots, 4);
      }
    });

    test('by pattern: each square is that head’s matrix, made small', async () => {
      await pick('Pattern');
      const square = page.locator('.panels [role=gridcell]').first();
      const side = (await square.evaluate((each) => each.clientWidth)) * deviceScaleFactor;
      const dots = (size: Size) =>
        places.flatMap(({ block, head }) => {
          const pattern = cache.get(`blocks.${block}.attn.hook_pattern`);
          return [
            [0, 0],
            [9, 0],
            [9, 9],
            [6, 3],
            [2, 7],
          ].map(([query, key]): Dot => {
            const weight = pattern.at(head, query!, key!);
            return {
              of: `block ${block}, head ${head}, query ${query}, key ${key}`,
              x: (head * size.width) / heads + ((key! + 0.5) * side) / tokens,
              y: (block * size.height) / blocks + ((query! + 0.5) * side) / tokens,
              color: key! <= query! ? probabilityColor(weight, theme) : null,
            };
          });
        });
      await expectPainted(canvases()[0]!, dots, 4);
    });
  });
});
