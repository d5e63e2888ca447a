/** Where the flow's columns and rows lie, in CSS pixels. */
import { type Section, type StationId, stations } from './stations.ts';

export interface Column {
  readonly id: StationId;
  readonly x: number;
  readonly width: number;
}

export interface FlowLayout {
  readonly width: number;
  /** Of the rows alone. */
  readonly height: number;
  /** The first position on screen, and the one after the last. */
  readonly first: number;
  readonly end: number;
  readonly rowHeight: number;
  /** Of the strip within its row; the rest is the residual stream's line, and a gap. */
  readonly stripHeight: number;
  readonly lineHeight: number;
  /** Whether a row has room for its token's text. */
  readonly labels: boolean;
  readonly columns: readonly Column[];
  readonly sections: readonly { id: Section; x: number; width: number }[];
  /** Where the blocks before and after the one on screen stand; null where there is none. */
  readonly earlier: { x: number; width: number } | null;
  readonly later: { x: number; width: number } | null;
  /** Where the candidates begin. */
  readonly next: { x: number; width: number };
}

/** Relative widths. */
const share = { width: 3.1, head: 2, mlp: 4, tokens: 20 } as const;
/** Before a column, in the same unit. */
const gaps: Partial<Record<StationId, number>> = {
  embed: 0.4,
  residPre: 1.4,
  ln1: 1.7,
  q: 1.3,
  k: 0.7,
  pattern: 1.2,
  v: 1.2,
  z: 4.4,
  heads: 1,
  attnOut: 1.2,
  residMid: 1.7,
  ln2: 1.7,
  mlpPost: 0.7,
  residPost: 1.7,
  lnFinal: 1.4,
};
const usualGap = 1.1;
const [labelWidth, nextWidth, stackWidth] = [98, 172, 30];

/** More rows than this would be less than two pixels high: the last ones before the query are shown. */
export const mostRows = 256;

export function rowsShown(tokens: number, query: number): { first: number; end: number } {
  if (tokens <= mostRows) return { first: 0, end: tokens };
  const end = Math.min(tokens, Math.max(mostRows, query + mostRows / 4));
  return { first: end - mostRows, end };
}

export interface FlowRequest {
  width: number;
  tokens: number;
  query: number;
  block: number;
  blocks: number;
}

export function layoutFlow({ width, tokens, query, block, blocks }: FlowRequest): FlowLayout {
  const { first, end } = rowsShown(tokens, query);
  const rows = Math.max(1, end - first);
  const room = rows > 96 ? 512 : rows > 20 ? 448 : 360;
  const rowHeight = Math.min(34, room / rows);
  const lineHeight = rowHeight >= 20 ? 2.5 : rowHeight >= 9 ? 1.5 : 0;
  const gap = rowHeight >= 20 ? 5 : rowHeight >= 9 ? 2 : rowHeight >= 4 ? 1 : 0;
  const stripHeight =
    rowHeight - gap - (lineHeight > 0 ? lineHeight + (rowHeight >= 20 ? 2 : 1) : 0);

  const units = stations.reduce(
    (sum, { id, extent }) => sum + share[extent] + (gaps[id] ?? usualGap),
    0,
  );
  const earlierWidth = block > 0 ? stackWidth : 0;
  const laterWidth = block < blocks - 1 ? stackWidth : 0;
  const unit = Math.max(
    4,
    (width - labelWidth - nextWidth - earlierWidth - laterWidth - 18) / units,
  );

  const columns: Column[] = [];
  let x = labelWidth;
  let earlier: FlowLayout['earlier'] = null;
  let later: FlowLayout['later'] = null;
  for (const { id, extent } of stations) {
    x += (gaps[id] ?? usualGap) * unit;
    if (id === 'residPre' && earlierWidth > 0) {
      earlier = { x: x - 0.4 * unit, width: stackWidth - 0.6 * unit };
      x += earlierWidth;
    }
    if (id === 'lnFinal' && laterWidth > 0) {
      later = { x: x - 0.4 * unit, width: stackWidth - 0.6 * unit };
      x += laterWidth;
    }
    const columnWidth = share[extent] * unit;
    columns.push({ id, x, width: columnWidth });
    x += columnWidth;
  }

  const place = new Map(columns.map((column) => [column.id, column]));
  const sections = (['embedding', 'attention', 'mlp', 'output'] as const).map((id) => {
    const own = stations.filter((each) => each.section === id).map((each) => place.get(each.id)!);
    const [from, to] = [own[0]!, own.at(-1)!];
    const right = id === 'output' ? x + 18 + nextWidth : to.x + to.width;
    return { id, x: from.x, width: right - from.x };
  });
  return {
    width: x + 18 + nextWidth,
    height: rows * rowHeight,
    first,
    end,
    rowHeight,
    stripHeight,
    lineHeight,
    labels: rowHeight >= 13,
    columns,
    sections,
    earlier,
    later,
    next: { x: x + 18, width: nextWidth },
  };
}

export const rowTop = (layout: FlowLayout, position: number) =>
  (position - layout.first) * layout.rowHeight;

/** The middle of a strip. */
export const rowMiddle = (layout: FlowLayout, position: number) =>
  rowTop(layout, position) + layout.stripHeight / 2;

export interface Place {
  readonly station: StationId;
  readonly position: number;
  /** How far into the strip, from 0 to 1. */
  readonly along: number;
}

/** What is under a point of the rows; between columns nothing. */
export function placeAt(layout: FlowLayout, x: number, y: number): Place | null {
  const position = layout.first + Math.floor(y / layout.rowHeight);
  if (y < 0 || position >= layout.end) return null;
  for (const column of layout.columns) {
    const along = (x - column.x) / column.width;
    if (along >= 0 && along < 1) return { station: column.id, position, along };
  }
  return null;
}
