/** Paints the flow: every strip from its own numbers, and the lines that join them. */
import { packedProbabilityColor, packedSignedColor, type Theme } from '../color.ts';
import { type Column, type FlowLayout, rowMiddle, rowTop } from './layout.ts';
import { type Role, type Station, type StationId, stationOf, stations } from './stations.ts';
import { largestMagnitude, rowOf, strongestIn, type Values } from './vectors.ts';

/** What the flow draws. */
export interface FlowSource {
  /** Null until the model has been asked for it. */
  readonly valuesOf: (station: StationId) => Values | null;
  readonly head: number;
}

export interface Ink {
  readonly theme: Theme;
  readonly roles: Readonly<Record<Role, string>>;
}

/** The number that has the full colour of each station: the largest on screen. */
export function limitOf(
  station: Station,
  { valuesOf, head }: FlowSource,
  layout: FlowLayout,
): number {
  const values = valuesOf(station.id);
  if (!values) return 0;
  if (station.extent !== 'head' && layout.first === 0) return largestMagnitude(values.data);
  let limit = 0;
  for (let position = layout.first; position < layout.end; position += 1) {
    limit = Math.max(limit, largestMagnitude(rowOf(station, values, head, position)));
  }
  return limit;
}

const colorOf = (station: Station, value: number, limit: number, theme: Theme): number =>
  station.role === 'probability'
    ? packedProbabilityColor(value, theme)
    : packedSignedColor(value, limit, theme);

/** Colours of a row of numbers over `pixels` pixels; where numbers outnumber them, the largest of each. */
export function stripColors(
  station: Station,
  row: ArrayLike<number>,
  pixels: number,
  limit: number,
  theme: Theme,
): Uint32Array {
  const colors = new Uint32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const value = row[strongestIn(row, pixel, pixels)]!;
    colors[pixel] = colorOf(station, value, limit, theme);
  }
  return colors;
}

function paintStrips(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  source: FlowSource,
  theme: Theme,
  density: number,
): void {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (const column of layout.columns) {
    const station = stationOf(column.id);
    const values = source.valuesOf(column.id);
    if (!values) continue;
    const limit = limitOf(station, source, layout);
    const left = Math.round(column.x * density);
    const across = Math.max(1, Math.round(column.width * density));
    const rows = layout.end - layout.first;
    for (let position = layout.first; position < layout.end; position += 1) {
      const top = Math.round(rowTop(layout, position) * density);
      const bottom = Math.max(
        top + 1,
        Math.round((rowTop(layout, position) + layout.stripHeight) * density),
      );
      const row = rowOf(station, values, source.head, position);
      // A row of weights ends at its own token: each key has a column, seen or not.
      const seen =
        station.extent === 'tokens'
          ? Math.max(1, Math.round((across * (position + 1 - layout.first)) / rows))
          : across;
      const shown = station.extent === 'tokens' ? row.subarray(layout.first) : row;
      const colors = stripColors(station, shown, seen, limit, theme);
      // Where there is room, the weights stand apart, as in the matrix itself.
      const apart = station.extent === 'tokens' && seen / shown.length >= 8 * density;
      for (let key = 1; apart && key <= shown.length; key += 1) {
        const end = Math.round((key * seen) / shown.length);
        colors.fill(0, end - Math.max(1, Math.round(density)), end);
      }
      for (let y = top; y < Math.min(bottom, height); y += 1) {
        pixels.set(colors.subarray(0, Math.max(0, width - left)), y * width + left);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/** A band that leaves one height and arrives at another. */
function ribbon(
  context: CanvasRenderingContext2D,
  from: { x: number; y: number; thickness: number },
  to: { x: number; y: number; thickness: number },
): void {
  const middle = (from.x + to.x) / 2;
  const [a, b] = [from.thickness / 2, to.thickness / 2];
  context.beginPath();
  context.moveTo(from.x, from.y - a);
  context.bezierCurveTo(middle, from.y - a, middle, to.y - b, to.x, to.y - b);
  context.lineTo(to.x, to.y + b);
  context.bezierCurveTo(middle, to.y + b, middle, from.y + a, from.x, from.y + a);
  context.fill();
}

/** From where to where numbers go within a row, besides the residual stream itself. */
const joints: readonly (readonly [StationId, StationId])[] = [
  ['embed', 'posEmbed'],
  ['posEmbed', 'residPre'],
  ['ln1', 'q'],
  ['q', 'k'],
  ['k', 'pattern'],
  ['z', 'heads'],
  ['heads', 'attnOut'],
  ['ln2', 'mlpPre'],
  ['mlpPre', 'mlpPost'],
  ['mlpPost', 'mlpOut'],
];
/** The branches that leave the stream, and those that are added to it. */
const leaving: readonly (readonly [StationId, StationId])[] = [
  ['residPre', 'ln1'],
  ['residMid', 'ln2'],
];
const arriving: readonly (readonly [StationId, StationId])[] = [
  ['attnOut', 'residMid'],
  ['mlpOut', 'residPost'],
];

function paintJoints(context: CanvasRenderingContext2D, layout: FlowLayout, ink: Ink): void {
  const place = new Map<StationId, Column>(layout.columns.map((column) => [column.id, column]));
  const { stripHeight, lineHeight, rowHeight } = layout;
  const detailed = rowHeight >= 9;
  for (let position = layout.first; position < layout.end; position += 1) {
    const middle = rowMiddle(layout, position);
    const line = rowTop(layout, position) + rowHeight - lineHeight / 2 - (rowHeight >= 20 ? 3 : 1);
    const edge = (id: StationId, right: boolean) => {
      const column = place.get(id)!;
      return right ? column.x + column.width : column.x;
    };
    if (lineHeight > 0) {
      context.globalAlpha = 0.75;
      context.fillStyle = ink.roles.residual;
      const start = edge('residPre', false);
      context.fillRect(start, line - lineHeight / 2, edge('lnFinal', false) - start, lineHeight);
      // The stream's own stations stand on its line.
      context.globalAlpha = 0.3;
      for (const { id } of stations.filter((each) => each.stream)) {
        const column = place.get(id)!;
        context.fillRect(column.x, middle, column.width, line - middle);
      }
    }
    if (!detailed) continue;
    for (const [from, to] of joints) {
      context.globalAlpha = 0.13;
      context.fillStyle = ink.roles[stationOf(to).role];
      const [x, end] = [edge(from, true), edge(to, false)];
      context.fillRect(x, middle - stripHeight / 2, end - x, stripHeight);
    }
    context.globalAlpha = 0.22;
    context.fillStyle = ink.roles.residual;
    const strip = { y: middle, thickness: stripHeight };
    const stream = { y: line, thickness: lineHeight };
    for (const [from, to] of leaving) {
      ribbon(context, { x: edge(from, true), ...stream }, { x: edge(to, false), ...strip });
    }
    for (const [from, to] of arriving) {
      ribbon(context, { x: edge(from, true), ...strip }, { x: edge(to, false), ...stream });
    }
    ribbon(
      context,
      { x: edge('lnFinal', false) - 14, ...stream },
      { x: edge('lnFinal', false), ...strip },
    );
  }
  context.globalAlpha = 1;
}

/** The whole flow but for what follows the pointer. */
export function paintFlow(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  source: FlowSource,
  ink: Ink,
  density: number,
): void {
  // Writing pixels replaces what is there; the lines go beneath afterwards.
  paintStrips(context, layout, source, ink.theme, density);
  context.globalCompositeOperation = 'destination-over';
  paintJoints(context, layout, ink);
  context.globalCompositeOperation = 'source-over';
}

const sumEnds = (layout: FlowLayout) => ({
  from: layout.columns.find(({ id }) => id === 'v')!,
  to: layout.columns.find(({ id }) => id === 'z')!,
});

/** Between which the weighted sum is painted. */
export function weightedSumBounds(layout: FlowLayout): { x: number; width: number } {
  const { from, to } = sumEnds(layout);
  const x = Math.floor(from.x + from.width);
  return { x, width: Math.ceil(to.x) - x };
}

/** The weighted sum of one query: from each value, as thick as its weight, to the mix. */
export function paintWeightedSum(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  weights: ArrayLike<number>,
  query: number,
  ink: Ink,
): void {
  const { from, to } = sumEnds(layout);
  const thickest = Math.max(3, Math.min(14, layout.stripHeight));
  context.fillStyle = ink.roles.value;
  for (let key = layout.first; key <= query; key += 1) {
    const weight = weights[key]!;
    context.globalAlpha = 0.12 + 0.5 * Math.sqrt(weight);
    const thickness = Math.max(0.35, weight * thickest);
    ribbon(
      context,
      { x: from.x + from.width + 1, y: rowMiddle(layout, key), thickness },
      { x: to.x - 1, y: rowMiddle(layout, query), thickness },
    );
  }
  context.globalAlpha = 1;
}
