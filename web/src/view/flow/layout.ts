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
  /** Where the parts of a row lie, from its top. */
  readonly parts: RowParts;
  /** Whether a row has room for its token's text. */
  readonly labels: boolean;
  /** Where the tokens' texts end, and their ids; null where the window is too narrow for these. */
  readonly labelEnd: number;
  readonly idEnd: number | null;
  /** Of the columns' names, which take turns where they would not fit side by side. */
  readonly labelsHeight: number;
  readonly columns: readonly Column[];
  readonly sections: readonly { id: Section; x: number; width: number }[];
  /** Where the blocks before and after the one on screen stand; null where there is none. */
  readonly earlier: { x: number; width: number } | null;
  readonly later: { x: number; width: number } | null;
  /** Where the candidates begin: their logits, then their probabilities. */
  readonly next: { x: number; width: number; logits: number };
}

interface Part {
  readonly top: number;
  readonly height: number;
}

export interface RowParts {
  /** Above the strips: what takes the normed vector over Q to K, and over the weights to V. */
  readonly rail: Part | null;
  readonly strip: Part;
  /** Below them: what takes the query under K to the weights, and the weights under V to the mix. */
  readonly lane: Part | null;
  /** The residual stream. */
  readonly thread: Part;
}

/** From top to bottom; what is left of the row is a gap. */
function partsOf(rowHeight: number): RowParts {
  // No strip could be seen beside a line of its own: the stream passes behind it.
  if (rowHeight < 4) {
    const height = 0.4 * rowHeight;
    const thread = { top: (rowHeight - height) / 2, height };
    return { rail: null, strip: { top: 0, height: rowHeight }, lane: null, thread };
  }
  const { rail, gap, thread } =
    rowHeight >= 24
      ? { rail: 1.5, gap: 2, thread: 2.5 }
      : { rail: rowHeight >= 12 ? 1 : 0, gap: 0.5, thread: rowHeight >= 12 ? 1.5 : 1 };
  const top = rail > 0 ? rail + gap : 0;
  const below = gap + (rail > 0 ? rail + gap : 0) + thread + Math.max(gap, 0.1 * rowHeight);
  const strip = { top, height: rowHeight - top - below };
  const laneTop = top + strip.height + gap;
  const threadTop = rail > 0 ? laneTop + rail + gap : laneTop;
  return {
    rail: rail > 0 ? { top: 0, height: rail } : null,
    strip,
    lane: rail > 0 ? { top: laneTop, height: rail } : null,
    thread: { top: threadTop, height: thread },
  };
}

/** Relative widths. */
const share = { width: 3.1, head: 2, mlp: 4, tokens: 18 } as const;
/** Before a column, in the same unit. */
const gaps: Partial<Record<StationId, number>> = {
  embed: 0.4,
  posEmbed: 1.7,
  residPre: 1.8,
  ln1: 1.7,
  q: 1.4,
  k: 1.3,
  pattern: 3,
  v: 1.5,
  z: 4.2,
  heads: 1,
  attnOut: 1.2,
  residMid: 1.7,
  ln2: 1.7,
  mlpPost: 0.7,
  residPost: 1.7,
  lnFinal: 1.4,
};
const usualGap = 1.1;
const stackWidth = 30;
/** Before the strips and after them; a wide window has room for the tokens' ids. */
const margins = (width: number) =>
  width >= 1240
    ? { labels: 128, labelsHeight: 26, idEnd: 120, next: 232, logits: 66 }
    : { labels: 98, labelsHeight: 46, idEnd: null, next: 180, logits: 46 };
/** Between the final norm and the candidates. */
const fan = 28;

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
  const rowHeight = Math.min(36, room / rows);
  const { labels: labelWidth, labelsHeight, idEnd, next: nextWidth, logits } = margins(width);

  const units = stations.reduce(
    (sum, { id, extent }) => sum + share[extent] + (gaps[id] ?? usualGap),
    0,
  );
  const earlierWidth = block > 0 ? stackWidth : 0;
  const laterWidth = block < blocks - 1 ? stackWidth : 0;
  const unit = Math.max(
    4,
    (width - labelWidth - nextWidth - earlierWidth - laterWidth - fan) / units,
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
    const right = id === 'output' ? x + fan + nextWidth : to.x + to.width;
    return { id, x: from.x, width: right - from.x };
  });
  return {
    width: x + fan + nextWidth,
    height: rows * rowHeight,
    first,
    end,
    rowHeight,
    parts: partsOf(rowHeight),
    labels: rowHeight >= 13,
    labelEnd: 88,
    labelsHeight,
    idEnd: rowHeight >= 13 ? idEnd : null,
    columns,
    sections,
    earlier,
    later,
    next: { x: x + fan, width: nextWidth, logits },
  };
}

export const rowTop = (layout: FlowLayout, position: number) =>
  (position - layout.first) * layout.rowHeight;

/** The middle of a strip. */
export const rowMiddle = (layout: FlowLayout, position: number) =>
  rowTop(layout, position) + layout.parts.strip.top + layout.parts.strip.height / 2;

/** A candidate's height. */
export const candidateHeight = 24;

/** How many candidates stand beside the rows. */
export const candidatesShown = ({ height }: FlowLayout) =>
  Math.max(3, Math.min(16, Math.floor(height / candidateHeight)));

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
