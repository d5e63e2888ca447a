// The flow of the forward pass: every station can be reached, and says what the package computes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model, type RunResult } from 'glassformer';
import type { Page } from 'playwright-core';
import { probabilityColor, type Rgb, signedColor } from '../../web/src/view/color.ts';
import { layoutFlow, type FlowLayout, rowMiddle, rowTop } from '../../web/src/view/flow/layout.ts';
import { roleInks } from '../../web/src/view/inks.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import {
  type StationId,
  stationOf,
  stations,
  tensorName,
} from '../../web/src/view/flow/stations.ts';
import { largestShown, rowOf, strongestIn } from '../../web/src/view/flow/vectors.ts';
import violationsOn from './support/axe.ts';
import {
  countReveals,
  idsOn,
  overflow,
  Site,
  waitForTokens,
  waitForTokensFrom,
} from './support/page.ts';
import { numberIn } from './support/numbers.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
let model: Model;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('weights/stories/', root));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

const stage = (page: Page) => page.locator('.flow [role=application]');

function entryOf(run: RunResult, name: string, index: readonly number[]): number {
  const { data, dims } = run.cache.get(name);
  return data[index.reduce((place, at, axis) => place * dims[axis]! + at, 0)]!;
}

/** Every number inside `scope` that says where it comes from, beside what the package computes. */
async function expectTrue(page: Page, scope: string, run: RunResult): Promise<number> {
  const shown = await page.locator(`${scope} [data-tensor]`).evaluateAll((elements) =>
    elements.map((element) => ({
      name: (element as HTMLElement).dataset.tensor!,
      index: (element as HTMLElement).dataset.index!.split(',').map(Number),
      text: element.textContent,
    })),
  );
  for (const { name, index, text } of shown) {
    if (!run.cache.has(name)) continue;
    const expected = entryOf(run, name, index);
    if (!Number.isFinite(expected)) {
      expect(numberIn(text)).toBe(expected);
      continue;
    }
    const tolerance = 1e-3 * Math.abs(expected) + 1e-5;
    expect(Math.abs(numberIn(text) - expected), `${name}[${index.join()}]`).toBeLessThan(tolerance);
  }
  return shown.length;
}

/** Where the page has drawn what. */
async function layoutOn(page: Page, block: number): Promise<FlowLayout> {
  const width = await page.locator('.flow .frame').evaluate((element) => element.clientWidth);
  const tokens = (await idsOn(page)).length;
  return layoutFlow({ width, tokens, query: tokens - 1, block, blocks: model.config.n_layer });
}

/** A row of pixels of the canvas. */
const pixelsAt = (page: Page, y: number): Promise<Rgb[]> =>
  page.getByTestId('flow').evaluate((canvas: HTMLCanvasElement, top) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, top, canvas.width, 1);
    return Array.from(
      { length: canvas.width },
      (_, x) => [data[4 * x]!, data[4 * x + 1]!, data[4 * x + 2]!] as const,
    );
  }, Math.floor(y));

/** The colour that the style sheet has for the stream. */
const residualOn = (page: Page) =>
  page.evaluate(() => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue('--residual').trim();
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  });

const read = async (page: Page, tokens: number) => {
  if (tokens !== 10) await page.fill('#prompt', ' the little dog ran'.repeat(tokens / 4));
  await waitForTokens(page, tokens);
  // The strip of tokens and the flow are of the same run.
  await page.waitForFunction((wanted) => {
    const label = document.querySelector('.flow [role=application]')?.getAttribute('aria-label');
    return label?.includes(` ${wanted} tokens`);
  }, tokens);
};

describe('the strips', () => {
  const shown: readonly StationId[] = ['residPre', 'q', 'mlpPost', 'pattern'];
  test.each(['light', 'dark'] as const)('have the colours of the numbers, %s', async (theme) => {
    const [block, head] = [2, 3];
    const { page } = await site.visitReady(`#block=${block}&head=${head}`, { colorScheme: theme });
    const run = await model.runWithCache(await idsOn(page));
    const layout = await layoutOn(page, block);
    for (const id of shown) {
      const station = stationOf(id);
      const values = run.cache.get(tensorName(station, block));
      const limit = largestShown(station, values, head, layout).size;
      const column = layout.columns.find((each) => each.id === id)!;
      const [left, across] = [Math.round(column.x), Math.round(column.width)];
      for (const position of [0, 4, 9]) {
        const row = rowOf(station, values, head, position);
        const pixels = await pixelsAt(page, rowMiddle(layout, position));
        const isPattern = id === 'pattern';
        // The last position's weights fill the column, the others as much as they are.
        const seen = isPattern ? Math.round((across * (position + 1)) / 10) : across;
        for (const along of [0.05, 0.3, 0.52, 0.77, 0.9]) {
          // The weights stand apart: their middles are painted.
          const cell = Math.floor(along * row.length) + 0.5;
          const at = Math.floor(isPattern ? (cell / row.length) * seen : along * seen);
          const value = row[strongestIn(row, at, seen)]!;
          const color = isPattern
            ? probabilityColor(value, theme)
            : signedColor(value, limit, theme);
          // Kinds of the module differ by a rounding, which may be a step of the scale.
          const off = pixels[left + at]!.map((channel, i) => Math.abs(channel - color[i]!));
          expect(Math.max(...off), `${id} of ${position} at ${at}`).toBeLessThanOrEqual(4);
        }
      }
    }
  });
});

test.each(['light', 'dark'] as const)(
  'ribbons have the hue of what they carry, %s',
  async (theme) => {
    const { page } = await site.visitReady('#block=2&head=3', { colorScheme: theme });
    const layout = await layoutOn(page, 2);
    const { rail, strip, lane } = layout.parts;
    const place = (id: StationId) => layout.columns.find((column) => column.id === id)!;
    const middleOf = (id: StationId) => place(id).x + place(id).width / 2;
    const between = (from: StationId, to: StationId) =>
      (place(from).x + place(from).width + place(to).x) / 2;
    for (const [role, part, x] of [
      ['query', strip, between('ln1', 'q')],
      ['value', rail, middleOf('pattern')],
      ['query', lane, middleOf('k')],
      ['probability', lane, middleOf('v')],
      ['value', strip, between('z', 'heads')],
      ['residual', strip, between('heads', 'attnOut')],
      ['mlp', strip, between('ln2', 'mlpPre')],
      ['mlp', strip, between('mlpPre', 'mlpPost')],
      ['residual', strip, between('mlpPost', 'mlpOut')],
    ] as const) {
      const { top, height } = part!;
      const pixels = await pixelsAt(page, rowTop(layout, 4) + top + height / 2);
      const hue = roleInks[theme][role];
      const off = pixels[Math.floor(x)]!.map((channel, i) =>
        Math.abs(channel - parseInt(hue.slice(1 + 2 * i, 3 + 2 * i), 16)),
      );
      // What is seen through has fewer steps of colour.
      expect(Math.max(...off), `${role} at ${x}`).toBeLessThanOrEqual(6);
    }
  },
);

describe('the residual stream', () => {
  test.each([
    [10, 'light', 0],
    [10, 'dark', 3],
    [64, 'light', 3],
    [64, 'dark', 5],
  ] as const)(
    'of %d tokens is one line of one colour, from end to end, %s',
    async (tokens, theme, block) => {
      const { page } = await site.visitReady(`#block=${block}`, { colorScheme: theme });
      await read(page, tokens);
      const layout = await layoutOn(page, block);
      const residual = await residualOn(page);
      const { top, height } = layout.parts.thread;
      const place = (id: StationId) => layout.columns.find((column) => column.id === id)!;
      for (const position of [0, tokens >> 1, tokens - 1]) {
        const start = Math.round(rowTop(layout, position) + top);
        const pixels = await pixelsAt(page, start + Math.floor(height / 2));
        for (const id of ['embed', 'q', 'pattern', 'mlpPost', 'residPost'] as const) {
          const { x, width } = place(id);
          expect(pixels[Math.round(x + width / 2)], `${position}, ${id}`).toEqual(residual);
        }
        const line = pixels.slice(Math.ceil(place('embed').x), Math.floor(place('lnFinal').x));
        const others = line.filter((pixel) => pixel.join() !== residual.join());
        // Where a branch is added there is a plus.
        expect(others.length).toBeLessThanOrEqual(tokens === 10 ? 3 * 7 : 0);
      }
    },
  );

  test('of 256 tokens can be seen between the columns', async () => {
    const { page } = await site.visitReady('#block=3');
    await read(page, 256);
    const layout = await layoutOn(page, 3);
    const gap = layout.columns.find(({ id }) => id === 'ln2')!.x - 4;
    const residual = await residualOn(page);
    const lines = await page
      .getByTestId('flow')
      .evaluate(
        (canvas: HTMLCanvasElement, x) =>
          canvas.getContext('2d')!.getImageData(x, 0, 1, canvas.height).data,
        Math.round(gap),
      );
    const painted = Array.from({ length: layout.height }, (_, y) => y).filter(
      (y) => lines[4 * y + 3]! > 0,
    );
    expect(painted).toHaveLength(256);
    for (const y of painted) {
      for (const [i, channel] of residual.entries()) {
        expect(Math.abs(lines[4 * y + i]! - channel)).toBeLessThanOrEqual(3);
      }
    }
  });
});

describe('the flow', () => {
  test('fits the window at 1440 by 900, with a strip for every station', async () => {
    const { page, complaints } = await site.visitReady('#block=2&head=3');
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const bounds = (await stage(page).boundingBox())!;
    expect(bounds.x + bounds.width).toBeLessThanOrEqual(1440);
    // A column of pixels in the middle of each strip is painted.
    // The candidates have two: logits and probabilities.
    expect(await page.locator('.flow .column').count()).toBe(stations.length + 2);
    expect(complaints).toEqual([]);
  });

  test('says the number under the pointer, and the keyboard says each as well', async () => {
    const { page } = await site.visitReady('#block=1&head=2');
    const run = await model.runWithCache(await idsOn(page));
    await stage(page).focus();
    await page.keyboard.press('Home');
    const names = new Set<string>();
    for (let step = 0; step < stations.length; step += 1) {
      const said = page.locator('.flow .readout b');
      names.add((await said.getAttribute('data-tensor'))!);
      expect(await expectTrue(page, '.flow .readout', run)).toBe(1);
      await expectTrue(page, '.flow', run);
      await page.keyboard.press('ArrowRight');
    }
    expect([...names]).toEqual([...new Set(stations.map((each) => tensorName(each, 1)))]);
    const { width, height } = (await stage(page).boundingBox())!;
    for (const [x, y] of [
      [0.1, 0.2],
      [0.42, 0.75],
      [0.73, 0.9],
    ] as const) {
      await stage(page).hover({ position: { x: x * width, y: y * height } });
      await expectTrue(page, '.flow', run);
    }
  });

  test('one click explains a number of any station', async () => {
    const { page } = await site.visitReady('#block=4&head=1');
    const run = await model.runWithCache(await idsOn(page));
    for (const label of (await page.locator('.flow .column').all()).slice(0, -1)) {
      await label.click();
      const shown = page.getByTestId('why').locator('.number-shown');
      await shown.waitFor();
      expect(await expectTrue(page, '.inspector', run)).toBeGreaterThan(0);
    }
  });

  test('every operation has its view, one step after the other', async () => {
    const { page, complaints } = await site.visitReady('#op=tokenization');
    const run = await model.runWithCache(await idsOn(page));
    const titles = new Set<string>();
    for (const operation of operationIds) {
      await page.waitForFunction(
        (wanted) =>
          document.querySelector<HTMLSelectElement>('.inspector select')!.value === wanted,
        operation,
      );
      titles.add((await page.locator('#inspector-title').textContent())!);
      await expectTrue(page, '.inspector', run);
      await page.getByRole('button', { name: 'Next operation' }).click();
    }
    expect(titles.size).toBe(operationIds.length);
    expect(complaints).toEqual([]);
  });

  test('goes from block to block and from head to head', async () => {
    const { page } = await site.visitReady();
    await page.getByRole('button', { name: 'Next block' }).click();
    await page.getByRole('button', { name: 'Previous head' }).click();
    await page.waitForFunction(() => /block=1&head=5/.test(location.hash));
    await page.getByRole('button', { name: 'Blocks after this one: 4' }).click();
    await page.waitForFunction(() => /block=2/.test(location.hash));
  });

  test('stays with the block that was chosen after an operation was opened', async () => {
    const { page } = await site.visitReady();
    await page.locator('.inspector select').selectOption('mask');
    await page.getByTestId('why').locator('.number-shown').waitFor();
    await page.locator('[role=gridcell][data-block="5"][data-head="2"]').click();
    await page.waitForFunction(() => /block=5&head=2/.test(location.hash));
    const shown = page.getByTestId('why').locator('[data-tensor="blocks.5.attn.hook_attn_scores"]');
    await shown.first().waitFor();
  });

  test('says what a step kept, and shows the rest coming through', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    await page.getByText('rows. Computed now: 1.').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.locator('.reveal.playing').waitFor();
    // Any key ends it.
    await page.keyboard.press('Shift');
    await page.waitForFunction(() => !document.querySelector('.reveal.playing'));
  });

  test('keeps what came before, also after other blocks and operations were looked at', async () => {
    const { page } = await site.visitReady();
    for (const block of [5, 2]) {
      await page.locator(`[role=gridcell][data-block="${block}"][data-head="1"]`).click();
      await page.waitForFunction((of) => location.hash.includes(`block=${of}`), block);
      await page.locator('.inspector select').selectOption('gelu');
      await page.locator('.inspector [data-focus=curve]').waitFor();
      const number = page.getByTestId('why').locator('.number-shown');
      await number.and(page.locator(`[data-tensor^="blocks.${block}."]`)).waitFor();
    }
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.getByText('10 rows. Computed now: 1.').waitFor();
  });

  test('shows the new token alone coming through, and goes on saying what was kept', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    const kept = page.getByTestId('flow-kept');
    expect(await kept.count()).toBe(0);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.locator('.reveal.playing').waitFor();
    const layout = await layoutOn(page, 0);
    const curtain = await page.locator('.curtain').evaluate(({ style }: HTMLElement) => style);
    expect(parseFloat(curtain.top)).toBeCloseTo(rowTop(layout, 10), 2);
    expect(parseFloat(curtain.height)).toBeCloseTo(layout.rowHeight, 2);
    const bounds = async () => {
      const { top } = await stage(page).evaluate((element) => element.getBoundingClientRect());
      return (await kept.all()).map(async (mark) => {
        const box = await mark.evaluate((element) => element.getBoundingClientRect());
        return [box.top - top, box.bottom - top] as const;
      });
    };
    const expectMarks = async () => {
      const marks = await Promise.all(await bounds());
      expect(marks).toHaveLength(2);
      for (const [top, bottom] of marks) {
        expect(top).toBeGreaterThan(-3);
        expect(bottom).toBeGreaterThan(rowMiddle(layout, 9));
        expect(bottom).toBeLessThan(rowTop(layout, 10) + 1);
      }
      await page.getByText('10 rows. Computed now: 1.').waitFor();
    };
    await expectMarks();
    await page.waitForFunction(() => !document.querySelector('.reveal.playing'));
    await expectMarks();
    // Each row says it as well, to those who hear the page too.
    await stage(page).focus();
    const place = page.locator('#flow-place');
    await page.keyboard.press('ArrowRight');
    await place.filter({ hasText: 'computed now' }).waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowUp');
    await place.filter({ hasText: 'kept from the run before' }).waitFor({ state: 'attached' });
  });

  test('comes through once for each token that is asked for, and then stands still', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    const revealed = await countReveals(page);
    const playing = page.locator('.reveal.playing');
    for (const time of [1, 2]) {
      await page.getByRole('button', { name: 'Generate a token' }).click();
      await waitForTokens(page, 10 + time);
      await expect.poll(revealed).toBe(time);
      // By itself, as nobody presses anything.
      await playing.waitFor({ state: 'detached' });
      await page.evaluate(async () => {
        for (let frame = 0; frame < 40; frame += 1) await new Promise(requestAnimationFrame);
      });
      expect(await playing.count()).toBe(0);
      expect(await revealed()).toBe(time);
    }
  });

  test('stands still while many tokens are written, one right after the other', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    const revealed = await countReveals(page);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await waitForTokensFrom(page, 14);
    expect(await revealed()).toBe(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    await page.getByText('rows. Computed now: 1.').waitFor();
    // The one that was on its way has time again; and the last can be watched whenever it is asked for.
    expect(await revealed()).toBeLessThanOrEqual(1);
    await page.locator('.reveal.playing').waitFor({ state: 'detached' });
    const before = await revealed();
    await page.getByRole('button', { name: 'Replay' }).click();
    await expect.poll(revealed).toBe(before + 1);
  });

  test('comes through whole where nothing was kept', async () => {
    const { page } = await site.visitReady('', { reducedMotion: 'no-preference' });
    const revealed = await countReveals(page);
    const replay = async (time: number) => {
      await page.getByRole('button', { name: 'Replay' }).click();
      await expect.poll(revealed).toBe(time);
    };
    const expectCurtain = async (first: number) => {
      const layout = await layoutOn(page, 0);
      const { top, height } = await page.locator('.curtain').evaluate(({ style }: HTMLElement) => ({
        top: parseFloat(style.top),
        height: parseFloat(style.height),
      }));
      expect(top).toBeCloseTo(rowTop(layout, first), 2);
      expect(top + height).toBeCloseTo(layout.height, 2);
    };
    await replay(1);
    await expectCurtain(0);
    // A text that begins otherwise has nothing in common with the one before.
    await page.fill('#prompt', ' the little dog ran');
    await waitForTokens(page, 4);
    await page.getByTestId('flow-kept').first().waitFor({ state: 'detached' });
    await replay(2);
    await expectCurtain(0);
    // The last token changes: those before it are kept.
    await page.fill('#prompt', ' the little dog said');
    await page.getByText('3 rows. Computed now: 1.').waitFor();
    await replay(3);
    await expectCurtain(3);
  });

  test('on a phone, without motion, says which keys and values were kept', async () => {
    const { page } = await site.visitReady('', { viewport: { width: 360, height: 740 } });
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await waitForTokens(page, 11);
    await page.getByText('10 rows. Computed now: 1.').waitFor();
    const chips = page.locator('.flow li').filter({ hasText: /^[KV] kept/ });
    expect(await chips.count()).toBe(0);
    await page.locator('[data-position="4"]').click();
    await chips.nth(1).waitFor();
  });

  test('joins the values to the mix of the row under the pointer, as it weighs them', async () => {
    const { page } = await site.visitReady('#block=1&head=1');
    const layout = await layoutOn(page, 1);
    const { x, width } = layout.columns.find(({ id }) => id === 'v')!;
    /** How much is painted between the values and the mixes, at the height of each row. */
    const drawn = () =>
      page.getByTestId('flow-looking').evaluate(
        (canvas: HTMLCanvasElement, [left, rows, rowHeight]) => {
          const start = Math.round(left! - parseFloat(canvas.style.left));
          const { data } = canvas.getContext('2d')!.getImageData(start, 0, 3, canvas.height);
          return Array.from({ length: rows! }, (_, row) => {
            const part = data.subarray(row * rowHeight! * 12, (row + 1) * rowHeight! * 12);
            return part.filter((_, i) => i % 4 === 3).reduce((sum, alpha) => sum + alpha, 0);
          });
        },
        [x + width + 2, 10, layout.rowHeight] as const,
      );
    const run = await model.runWithCache(await idsOn(page));
    const pattern = run.cache.get('blocks.1.attn.hook_pattern');
    const seen: number[][] = [];
    for (const query of [9, 3, 6]) {
      await stage(page).hover({ position: { x: x + width / 2, y: rowMiddle(layout, query) } });
      await page.waitForFunction(
        (wanted) =>
          document
            .querySelector<HTMLElement>('.flow .readout b')
            ?.dataset.index?.startsWith(`${wanted},`),
        query,
      );
      const bands = await drawn();
      seen.push(bands);
      // Tokens after it are not looked at, and the one with the largest weight has the thickest band.
      expect(bands.slice(query + 1).every((sum) => sum === 0)).toBe(true);
      const weights = rowOf(stationOf('pattern'), pattern, 1, query);
      expect(strongestIn(bands, 0, 1)).toBe(strongestIn(weights, 0, 1));
    }
    expect(new Set(seen.map((bands) => bands.join())).size).toBe(3);
  });

  test('says the scale of a column, and the number with the full colour', async () => {
    const { page } = await site.visitReady('#block=2&head=3');
    const run = await model.runWithCache(await idsOn(page));
    const layout = await layoutOn(page, 2);
    const legend = page.getByTestId('flow-legend');
    for (const id of ['q', 'mlpPost', 'residPost'] as const) {
      const { x, width } = layout.columns.find((column) => column.id === id)!;
      await stage(page).hover({ position: { x: x + width / 2, y: rowMiddle(layout, 5) } });
      const station = stationOf(id);
      const number = legend.locator(`[data-tensor="${tensorName(station, 2)}"]`);
      await number.waitFor();
      const { size } = largestShown(station, run.cache.get(tensorName(station, 2)), 3, layout);
      expect(Math.abs(numberIn((await number.textContent())!)) / size).toBeCloseTo(1, 3);
    }
  });

  test('ends in the logits of the candidates, and what they come to', async () => {
    const { page } = await site.visitReady();
    const { logits } = await model.runWithCache(await idsOn(page), { names: [], logits: 'last' });
    const rows = await page.locator('.next li').evaluateAll((items) =>
      items.map((item) => {
        const logit = item.querySelector<HTMLElement>('[data-tensor=logits]')!;
        return [logit.textContent, logit.dataset.index!, item.textContent] as const;
      }),
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const [text, index] of rows) {
      const [position, id] = index.split(',').map(Number);
      expect(position).toBe(9);
      expect(numberIn(text!)).toBeCloseTo(logits.data[id!]!, 2);
    }
  });

  test('comes through on a phone too, from top to bottom, until a tap ends it', async () => {
    const { page } = await site.visitReady('', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      reducedMotion: 'no-preference',
    });
    await page.locator('.flow li').first().waitFor();
    await page.getByRole('button', { name: 'Generate a token' }).tap();
    await waitForTokens(page, 11);
    await page.locator('.reveal.playing').waitFor();
    await page.waitForFunction(() => !document.querySelector('.reveal.playing'));
    await page.getByRole('button', { name: 'Replay' }).tap();
    await page.locator('.reveal.playing').waitFor();
    const edge = async () => (await page.locator('.reveal .front').boundingBox())!.y;
    const first = await edge();
    await expect.poll(edge).toBeGreaterThan(first);
    // It would not end by itself now.
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.pause()));
    await page.locator('h1').tap();
    await page.waitForFunction(() => !document.querySelector('.reveal.playing'));
  });

  test('does not move where motion is unwanted', async () => {
    const { page } = await site.visitReady();
    await page.getByRole('button', { name: 'Replay' }).click();
    expect(await page.getByTestId('reveal').getAttribute('class')).not.toContain('playing');
  });

  test('on a phone is the way of one token, from top to bottom', async () => {
    const { page } = await site.visitReady('', { viewport: { width: 360, height: 740 } });
    await page.locator('.flow li button').filter({ hasText: 'gelu' }).click();
    await page.getByTestId('why').locator('.number-shown').waitFor();
    expect(await page.locator('#inspector-title').textContent()).toBe('GELU');
  });

  test.each([
    ['en-GB', 'light', 360, 'Each strip is a vector of this token', 'exactly'],
    ['zh-CN', 'dark', 390, '每一条是这个词元的一个向量', '精确值'],
  ] as const)(
    'on a phone says the number that is tapped, all of it: %s, %s, %d wide',
    async (locale, colorScheme, width, words, exactly) => {
      const { page, complaints } = await site.visitReady('#model=stories&block=1&query=4', {
        viewport: { width, height: 740 },
        hasTouch: true,
        colorScheme,
        locale,
      });
      await page.locator('.flow').getByText(words).waitFor();
      const run = await model.runWithCache(await idsOn(page));
      const readout = page.locator('.flow .readout');
      for (const [id, along] of [
        ['residPre', 0.75],
        ['q', 0.1],
        ['pattern', 0.5],
        ['mlpPost', 0.9],
      ] as const) {
        const strips = page.locator('.flow li button').filter({ has: page.locator('.strip') });
        const button = strips.nth(stations.findIndex((station) => station.id === id));
        const strip = (await button.locator('.strip').boundingBox())!;
        const bounds = (await button.boundingBox())!;
        await button.tap({
          position: {
            x: strip.x - bounds.x + along * strip.width,
            y: strip.y - bounds.y + strip.height / 2,
          },
        });
        const name = tensorName(stationOf(id), 1);
        const number = readout.locator(`.number[data-tensor="${name}"]`);
        await number.waitFor();
        expect(await button.getAttribute('aria-expanded')).toBe('true');
        const index = (await number.getAttribute('data-index'))!.split(', ').map(Number);
        expect(index).toContain(4);
        const row = rowOf(stationOf(id), run.cache.get(name), 0, 4);
        // A pixel or two of rounding; a strip's numbers share pixels where it has many.
        const at = (index.at(-1)! + 0.5) / row.length;
        expect(Math.abs(at - along)).toBeLessThan(0.5 / row.length + 0.01);
        await expectTrue(page, '.flow .readout', run);
        const exact = (await readout.locator('[data-exact]').textContent())!;
        const near = entryOf(run, name, index);
        expect(exact.length).toBeGreaterThan(8);
        expect(Math.abs(numberIn(exact) - near)).toBeLessThan(1e-4 * Math.abs(near) + 1e-5);
        expect(await readout.textContent()).toContain(exactly);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        // Nobody is taken away from what was tapped, but the number leads to why it is what it is.
        await page.getByTestId('why').locator(`.number-shown[data-tensor="${name}"]`).waitFor();
        const { y } = (await number.boundingBox())!;
        expect(y > 0 && y < 740).toBe(true);
        await number.tap();
        await page.waitForFunction(() => document.activeElement?.id === 'why-title');
      }
      expect(await violationsOn(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('on a narrow screen says the largest number of a strip to a keyboard', async () => {
    const { page } = await site.visitReady('', { viewport: { width: 800, height: 740 } });
    const run = await model.runWithCache(await idsOn(page));
    const button = page.locator('.flow li button').filter({ hasText: 'gelu' });
    await button.focus();
    await page.keyboard.press('Enter');
    const name = 'blocks.0.mlp.hook_post';
    const row = rowOf(stationOf('mlpPost'), run.cache.get(name), 0, 9);
    await page
      .locator(`.flow .readout .number[data-index="9, ${strongestIn(row, 0, 1)}"]`)
      .waitFor();
    // Another token has its own number in the same place.
    await page.locator('[data-position="2"]').click();
    await page
      .locator(`.flow .readout .number[data-index="2, ${strongestIn(row, 0, 1)}"]`)
      .waitFor();
    expect(await expectTrue(page, '.flow .readout', run)).toBe(2);
    // It comes after the strip, and is explained.
    await button.focus();
    for (const key of ['Tab', 'Enter']) await page.keyboard.press(key);
    await page.waitForFunction(() => document.activeElement?.id === 'why-title');
  });

  test.each([1, 3, 64, 128, 256])('draws %d tokens', async (tokens) => {
    const { page, complaints } = await site.visitReady();
    await page.fill('#prompt', ' the'.repeat(tokens));
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('[data-position]').length === wanted,
      tokens,
    );
    expect((await stage(page).boundingBox())!.height).toBeLessThanOrEqual(520);
    const layout = await layoutOn(page, 0);
    const { x, width } = layout.columns[0]!;
    const y = rowMiddle(layout, tokens - 1);
    await stage(page).hover({ position: { x: x + width / 2, y } });
    await page.locator('.flow .readout b').waitFor();
    expect(complaints).toEqual([]);
  });
});
