import { describe, expect, test } from 'vitest';
import {
  type FlowLayout,
  type FlowRequest,
  layoutFlow,
  mostRows,
  placeAt,
  rowMiddle,
  rowsShown,
  rowTop,
} from '../../../../web/src/view/flow/layout.ts';
import { stations } from '../../../../web/src/view/flow/stations.ts';

const request = (more: Partial<FlowRequest> = {}): FlowRequest => ({
  width: 1360,
  tokens: 10,
  query: 9,
  block: 2,
  blocks: 6,
  ...more,
});

/** Every combination that the page can come to. */
const tokenCounts = [1, 2, 3, 9, 20, 21, 64, 96, 97, 256, 257, 700, 1024];
const blockCounts = [1, 2, 6, 12, 48];
const requests = tokenCounts.flatMap((tokens) =>
  blockCounts.flatMap((blocks) =>
    [...new Set([0, blocks >> 1, blocks - 1])].flatMap((block) =>
      [900, 1360, 1600].map((width) =>
        request({ tokens, query: tokens - 1, blocks, block, width }),
      ),
    ),
  ),
);
const everyLayout = (expectation: (layout: FlowLayout, request: FlowRequest) => void) =>
  requests.forEach((each) => expectation(layoutFlow(each), each));

describe('the columns', () => {
  test('are the stations, in their order, beside each other', () => {
    everyLayout((layout) => {
      expect(layout.columns.map(({ id }) => id)).toEqual(stations.map(({ id }) => id));
      for (const [i, column] of layout.columns.entries()) {
        expect(column.width).toBeGreaterThan(0);
        const next = layout.columns[i + 1];
        if (next) expect(next.x).toBeGreaterThan(column.x + column.width);
      }
    });
  });

  test('fill the width, with the candidates at its end, and no more where it is wide enough', () => {
    everyLayout((layout, { width }) => {
      const last = layout.columns.at(-1)!;
      expect(layout.next.x).toBeGreaterThan(last.x + last.width);
      expect(layout.next.x + layout.next.width).toBeCloseTo(layout.width, 6);
      expect(layout.width).toBeCloseTo(width, 6);
    });
  });

  test('leave room for the tokens’ texts', () => {
    everyLayout((layout) => expect(layout.columns[0]!.x).toBeGreaterThan(88));
  });

  test('never become so narrow that they could not be seen: then the page scrolls', () => {
    const layout = layoutFlow(request({ width: 300 }));
    expect(layout.width).toBeGreaterThan(300);
    for (const column of layout.columns) expect(column.width).toBeGreaterThanOrEqual(8);
  });

  test('of a pattern are the widest, of one head the narrowest', () => {
    const { columns } = layoutFlow(request());
    const widths = new Map(columns.map(({ id, width }) => [id, width]));
    expect(Math.max(...widths.values())).toBe(widths.get('pattern'));
    expect(Math.min(...widths.values())).toBe(widths.get('q'));
  });
});

describe('the sections', () => {
  test('span their own stations, side by side', () => {
    everyLayout((layout) => {
      const place = new Map(layout.columns.map((column) => [column.id, column]));
      for (const { section, id } of stations) {
        const of = layout.sections.find((each) => each.id === section)!;
        const column = place.get(id)!;
        expect(column.x).toBeGreaterThanOrEqual(of.x - 1e-9);
        expect(column.x + column.width).toBeLessThanOrEqual(of.x + of.width + 1e-9);
      }
      for (const [i, section] of layout.sections.entries()) {
        const next = layout.sections[i + 1];
        if (next) expect(next.x).toBeGreaterThan(section.x + section.width);
      }
    });
  });
});

describe('the blocks before and after', () => {
  test('stand in the gaps, where there are any', () => {
    everyLayout((layout, { block, blocks }) => {
      expect(layout.earlier !== null).toBe(block > 0);
      expect(layout.later !== null).toBe(block < blocks - 1);
      for (const stack of [layout.earlier, layout.later]) {
        if (!stack) continue;
        expect(stack.width).toBeGreaterThan(0);
        for (const { x, width } of layout.columns) {
          const apart = x + width <= stack.x || x >= stack.x + stack.width;
          expect(apart).toBe(true);
        }
      }
    });
  });
});

describe('the rows', () => {
  test('are all tokens, or the last 256 before the query and some after it', () => {
    for (const tokens of tokenCounts) {
      for (const query of [0, tokens >> 1, tokens - 1]) {
        const { first, end } = rowsShown(tokens, query);
        expect(end - first).toBe(Math.min(tokens, mostRows));
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(tokens);
        expect(query).toBeGreaterThanOrEqual(first);
        expect(query).toBeLessThan(end);
      }
    }
  });

  test('fit the height, and each strip its row', () => {
    everyLayout((layout) => {
      expect(layout.height).toBeLessThanOrEqual(512);
      const { rail, strip, lane, thread } = layout.parts;
      const parts = [rail, strip, lane, thread].filter((part) => part !== null);
      for (const [i, { top, height }] of parts.entries()) {
        expect(height).toBeGreaterThan(0);
        expect(top + height).toBeLessThanOrEqual(layout.rowHeight + 1e-9);
        const below = parts[i + 1];
        // Of the lowest rows the strip is all there is; the stream passes behind it.
        if (below && layout.rowHeight >= 4) expect(below.top).toBeGreaterThanOrEqual(top + height);
      }
      expect(strip.height).toBeGreaterThanOrEqual(thread.height);
      const rows = layout.end - layout.first;
      expect(rowTop(layout, layout.first)).toBe(0);
      expect(rowTop(layout, layout.end - 1) + layout.rowHeight).toBeCloseTo(layout.height, 6);
      expect(layout.height).toBeCloseTo(rows * layout.rowHeight, 6);
    });
  });

  test('have their texts where they are high enough to read', () => {
    expect(layoutFlow(request({ tokens: 10 })).labels).toBe(true);
    expect(layoutFlow(request({ tokens: 64, query: 63 })).labels).toBe(false);
  });

  test('of one token are no higher than a few lines', () => {
    expect(layoutFlow(request({ tokens: 1, query: 0 })).height).toBeLessThanOrEqual(40);
  });
});

describe('what is under a point', () => {
  test('is the strip that is drawn there', () => {
    everyLayout((layout) => {
      for (const position of [layout.first, (layout.first + layout.end) >> 1, layout.end - 1]) {
        for (const { id, x, width } of layout.columns) {
          const y = rowMiddle(layout, position);
          expect(placeAt(layout, x + width / 2, y)).toMatchObject({ station: id, position });
          expect(placeAt(layout, x + width / 4, y)!.along).toBeCloseTo(0.25, 6);
        }
      }
    });
  });

  test('is nothing between columns, above and below', () => {
    const layout = layoutFlow(request());
    const [first, second] = layout.columns as [FlowLayout['columns'][0], FlowLayout['columns'][0]];
    expect(placeAt(layout, (first.x + first.width + second.x) / 2, 5)).toBeNull();
    expect(placeAt(layout, first.x + 1, -1)).toBeNull();
    expect(placeAt(layout, first.x + 1, layout.height + 1)).toBeNull();
    expect(placeAt(layout, layout.next.x + 5, 5)).toBeNull();
  });
});
