/** Where the flow's ribbons begin and end, as they are told to a canvas. */
import { describe, expect, test } from 'vitest';
import {
  candidateHeight,
  candidatesShown,
  type FlowLayout,
  layoutFlow,
  rowTop,
} from '../../../../web/src/view/flow/layout.ts';
import { type Ink, paintFlow, paintLooking } from '../../../../web/src/view/flow/paint_flow.ts';
import { joints, type StationId, stationOf } from '../../../../web/src/view/flow/stations.ts';
import { paperInks, roleInks } from '../../../../web/src/view/inks.ts';

interface Point {
  x: number;
  y: number;
}
/** What is filled or drawn between a left and a right end; a line is as high as nothing there. */
interface Band {
  from: { x: number; top: number; bottom: number };
  to: { x: number; top: number; bottom: number };
  color: string;
}

/** Notes what is drawn on it. A disc is no band. */
class Recorder {
  readonly canvas = { width: 0, height: 0 };
  readonly bands: Band[] = [];
  fillStyle = '';
  strokeStyle = '';
  #points: Point[] = [];

  createImageData = () => ({ data: new Uint8ClampedArray(0) });
  putImageData = () => {};
  beginPath = () => void (this.#points = []);
  arc = () => {};
  moveTo = (x: number, y: number) => void this.#points.push({ x, y });
  lineTo = (x: number, y: number) => void this.#points.push({ x, y });
  bezierCurveTo = (...[, , , , x, y]: number[]) => void this.#points.push({ x: x!, y: y! });
  fill = () => this.#add(this.#points, this.fillStyle);
  stroke = () => this.#add(this.#points, this.strokeStyle);
  fillRect = (x: number, y: number, width: number, height: number) =>
    this.#add(
      [
        { x, y },
        { x: x + width, y: y + height },
        { x, y: y + height },
        { x: x + width, y },
      ],
      this.fillStyle,
    );

  #add(points: readonly Point[], color: string): void {
    if (points.length < 2) return;
    const across = points.map(({ x }) => x);
    const endAt = (x: number) => {
      const down = points.filter((point) => point.x === x).map(({ y }) => y);
      return { x, top: Math.min(...down), bottom: Math.max(...down) };
    };
    this.bands.push({ from: endAt(Math.min(...across)), to: endAt(Math.max(...across)), color });
  }
}

const ink: Ink = { theme: 'light', paper: paperInks.light, roles: roleInks.light };
const laidOut = (tokens: number, block: number, width = 1360) =>
  layoutFlow({ width, tokens, query: tokens - 1, block, blocks: 6 });

function painted(layout: FlowLayout, last: number): Band[] {
  const recorder = new Recorder();
  const context = recorder as unknown as CanvasRenderingContext2D;
  paintFlow(context, layout, { valuesOf: () => null, head: 0, last }, ink, 1);
  return recorder.bands;
}

const columnOf = (layout: FlowLayout, id: StationId) =>
  layout.columns.find((column) => column.id === id)!;

/** Half a pixel, and what floating-point numbers need. */
const near = 0.6;
const isWithin = (value: number, low: number, high: number) =>
  value >= low - near && value <= high + near;

/** A station's place in a row, with the rail above its strip and the lane below that belong to it. */
function boxOf(layout: FlowLayout, id: StationId, position: number) {
  const { x, width } = columnOf(layout, id);
  const top = rowTop(layout, position);
  return { left: x, right: x + width, top, bottom: top + layout.parts.thread.top };
}

const shapes = [
  [1, 0],
  [10, 0],
  [10, 3],
  [10, 5],
  [30, 2],
  [64, 3],
  [120, 5],
] as const;

describe.each(shapes)('of %d tokens, at block %d', (tokens, block) => {
  const layout = laidOut(tokens, block);
  const bands = painted(layout, tokens - 1);
  const threads = (position: number) => {
    const { top, height } = layout.parts.thread;
    const y = rowTop(layout, position) + top;
    const [start, end] = [columnOf(layout, 'embed').x, columnOf(layout, 'lnFinal').x];
    return bands.filter(
      ({ from, to }) =>
        from.x === start &&
        to.x === end &&
        Math.abs((from.top + from.bottom) / 2 - y - height / 2) < 1,
    );
  };
  const ofRow = (position: number) => {
    const [top, bottom] = [rowTop(layout, position), rowTop(layout, position + 1)];
    return bands.filter(
      ({ from, to }) =>
        [from, to].every((end) => end.top >= top - near && end.bottom <= bottom + near) &&
        to.x <= columnOf(layout, 'lnFinal').x + near,
    );
  };
  const rows = [...new Set([0, tokens >> 1, tokens - 1])];

  test('the stream is one piece a row, from the embedding to the final norm, in its own colour', () => {
    for (const position of rows) {
      const found = threads(position);
      expect(found).toHaveLength(1);
      expect(found[0]!.color).toBe(roleInks.light.residual);
      expect(found[0]!.to.top).toBe(found[0]!.from.top);
    }
  });

  test('every ribbon leads from the station that feeds to the one that is fed', () => {
    for (const position of rows) {
      const [stream] = threads(position);
      const own = ofRow(position).filter((band) => band !== stream);
      for (const { from, to, way } of joints) {
        const [begin, end] = [from, to].map((id) => boxOf(layout, id, position)) as [
          ReturnType<typeof boxOf>,
          ReturnType<typeof boxOf>,
        ];
        const role = way === 'under' ? stationOf(from).role : stationOf(to).role;
        const color = roleInks.light[way === 'leaves' || way === 'arrives' ? 'residual' : role];
        const mine = own.filter((band) => band.color === color);
        const isOnStream = (at: Band['from']) =>
          isWithin((at.top + at.bottom) / 2, stream!.from.top, stream!.from.bottom) &&
          isWithin(at.x, begin.left, end.right);
        const isOn = (at: Band['from'], box: typeof begin, x: [number, number]) =>
          isWithin(at.x, ...x) &&
          isWithin(at.top, box.top, box.bottom) &&
          isWithin(at.bottom, box.top, box.bottom);
        const starts = mine.filter(({ from: at }) =>
          way === 'leaves'
            ? isOnStream(at)
            : isOn(
                at,
                begin,
                way === 'under' && from === 'pattern'
                  ? [begin.left, begin.right]
                  : [begin.right, begin.right],
              ),
        );
        const arrives = ({ to: at }: Band) =>
          way === 'arrives' ? isOnStream(at) : isOn(at, end, [end.left, end.left]);
        // From one piece to the next that begins where it ends.
        const isNext = (band: Band) => (other: Band) =>
          Math.abs(other.from.x - band.to.x) <= near &&
          Math.abs(other.from.top + other.from.bottom - band.to.top - band.to.bottom) <= 2 * near;
        const leads = (band: Band): boolean =>
          arrives(band) || mine.filter(isNext(band)).some(leads);
        if (!layout.parts.rail && ['over', 'under'].includes(way)) continue;
        expect(starts.some(leads), `${from} ${way} ${to}, of token ${position}`).toBe(true);
      }
    }
  });

  test('no end of a ribbon hangs in the air', () => {
    for (const position of rows) {
      const [stream] = threads(position);
      const own = ofRow(position).filter((band) => band !== stream);
      const boxes = layout.columns.map(({ id }) => boxOf(layout, id, position));
      for (const band of own) {
        // The marks of sums lie on the stream.
        for (const end of [band.from, band.to]) {
          const middle = (end.top + end.bottom) / 2;
          const isOnStream = isWithin(middle, stream!.from.top - 2, stream!.from.bottom + 2);
          const isOnStation = boxes.some(
            ({ left, right, top, bottom }) =>
              isWithin(end.x, left, right) && isWithin(middle, top, bottom),
          );
          const isOnOther = own.some((other) =>
            [other.from, other.to].some(
              (at) =>
                other !== band &&
                Math.abs(at.x - end.x) <= near &&
                Math.abs((at.top + at.bottom) / 2 - middle) <= near,
            ),
          );
          expect(isOnStream || isOnStation || isOnOther, JSON.stringify(band)).toBe(true);
        }
      }
    }
  });

  test('the last token’s final norm leads to each candidate', () => {
    const { x, width } = columnOf(layout, 'lnFinal');
    const lines = bands.filter(({ from }) => isWithin(from.x, x + width, x + width));
    expect(lines).toHaveLength(candidatesShown(layout));
    const { top, bottom } = boxOf(layout, 'lnFinal', tokens - 1);
    for (const [place, line] of lines.entries()) {
      const [left, right] = [line.from, line.to];
      expect(isWithin(left.top, top, bottom)).toBe(true);
      expect(right.x).toBeGreaterThan(layout.next.x - candidateHeight / 2);
      expect(right.x).toBeLessThanOrEqual(layout.next.x);
      expect(Math.floor(right.top / candidateHeight)).toBe(place);
    }
  });
});

describe('what a query looks at', () => {
  test.each([
    [1, 0],
    [10, 9],
    [10, 4],
    [64, 30],
  ])(
    'of %d tokens, the one at %d: from each key and each value that it may see',
    (tokens, query) => {
      const layout = laidOut(tokens, 2);
      const recorder = new Recorder();
      const weights = Float32Array.from({ length: tokens }, (_, key) =>
        key <= query ? 1 / (query + 1) : 0,
      );
      paintLooking(recorder as unknown as CanvasRenderingContext2D, layout, weights, query, ink);
      for (const [from, to, role] of [
        ['k', 'pattern', 'key'],
        ['v', 'z', 'value'],
      ] as const) {
        const own = recorder.bands.filter(({ color }) => color === roleInks.light[role]);
        expect(own).toHaveLength(query + 1);
        for (const [key, band] of own.entries()) {
          const [begin, end] = [boxOf(layout, from, key), boxOf(layout, to, query)];
          expect(Math.abs(band.from.x - begin.right)).toBeLessThan(2);
          expect(Math.abs(band.to.x - end.left)).toBeLessThan(2);
          for (const y of [band.from.top, band.from.bottom])
            expect(isWithin(y, begin.top, begin.bottom)).toBe(true);
          for (const y of [band.to.top, band.to.bottom])
            expect(isWithin(y, end.top, end.bottom)).toBe(true);
        }
      }
      expect(recorder.bands).toHaveLength(2 * (query + 1));
    },
  );
});
