/** Paints the flow: every strip from its own numbers, and the lines that join them. */
import type { Theme } from '../color.ts';
import {
  candidateHeight,
  candidatesShown,
  type Column,
  type FlowLayout,
  rowMiddle,
  rowTop,
} from './layout.ts';
import { paintStrips, type StripSource } from './paint_strips.ts';
import { type Joint, joints, type Role, type StationId, stationOf, stations } from './stations.ts';

/** What the flow draws. */
export interface FlowSource extends StripSource {
  /** The last position, from which the next token is predicted. */
  readonly last: number;
}

export interface Ink {
  readonly theme: Theme;
  readonly paper: string;
  readonly roles: Readonly<Record<Role, string>>;
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

/** How far a line goes until it has reached another height. */
const bend = 11;

/** A thin line that leaves one height and arrives at another: as thick where it is steep. */
function line(
  context: CanvasRenderingContext2D,
  from: { x: number; y: number },
  to: { x: number; y: number },
): void {
  const middle = (from.x + to.x) / 2;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(middle, from.y, middle, to.y, to.x, to.y);
  context.stroke();
}

/** A row's own lines. Painted beneath what is there, so the first is the topmost. */
class RowPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #layout: FlowLayout;
  readonly #ink: Ink;
  readonly #place: ReadonlyMap<StationId, Column>;
  readonly #density: number;

  constructor(context: CanvasRenderingContext2D, layout: FlowLayout, ink: Ink, density: number) {
    this.#context = context;
    this.#layout = layout;
    this.#ink = ink;
    this.#density = density;
    this.#place = new Map(layout.columns.map((column) => [column.id, column]));
  }

  #left = (id: StationId) => this.#place.get(id)!.x;
  #right = (id: StationId) => this.#left(id) + this.#place.get(id)!.width;

  /** The middle of a part of the row. */
  #at(position: number, { top, height }: { top: number; height: number }) {
    return { y: rowTop(this.#layout, position) + top + height / 2, thickness: height };
  }

  /** On whole pixels: a line between two of them would have a colour of neither. */
  #thread(position: number): void {
    const { top, height } = this.#layout.parts.thread;
    const [start, end] = [this.#left('embed'), this.#left('lnFinal')];
    const snap = (length: number) => Math.round(length * this.#density) / this.#density;
    const y = snap(rowTop(this.#layout, position) + top);
    const thickness = Math.max(1 / this.#density, snap(height));
    this.#context.fillStyle = this.#ink.roles.residual;
    // Hundreds of threads side by side would be all that one sees.
    this.#context.globalAlpha = this.#layout.rowHeight < 4 ? 0.35 : 1;
    this.#context.fillRect(start, y, end - start, thickness);
  }

  /** Where a branch has been added to the stream: before the blocks that are left out. */
  #sumAt = ({ from, to }: Joint) =>
    from === 'posEmbed' ? (this.#layout.earlier?.x ?? this.#left(to)) - 4 : this.#left(to) - 4;

  #plus(position: number, joint: Joint): void {
    const context = this.#context;
    const { y } = this.#at(position, this.#layout.parts.thread);
    const x = this.#sumAt(joint);
    context.globalAlpha = 1;
    context.fillStyle = this.#ink.paper;
    context.fillRect(x - 2.5, y - 0.5, 5, 1);
    context.fillRect(x - 0.5, y - 2.5, 1, 5);
    context.fillStyle = this.#ink.roles.residual;
    context.beginPath();
    context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.fill();
  }

  #joint(position: number, joint: Joint): void {
    const context = this.#context;
    const { from, to, way } = joint;
    const { rail, strip: parts, lane, thread } = this.#layout.parts;
    const [x, end] = [this.#right(from), this.#left(to)];
    const strip = this.#at(position, parts);
    const stream = this.#at(position, thread);
    const role = way === 'under' ? stationOf(from).role : stationOf(to).role;
    context.fillStyle = this.#ink.roles[way === 'leaves' || way === 'arrives' ? 'residual' : role];
    context.globalAlpha = 0.22;
    switch (way) {
      case 'arrives':
        return ribbon(context, { x, ...strip }, { x: this.#sumAt(joint), ...stream });
      case 'leaves':
        return ribbon(context, { x: Math.max(x, end - 18), ...stream }, { x: end, ...strip });
      case 'beside':
      case 'across':
        // The row's own is one of those that are seen.
        context.globalAlpha = way === 'across' ? 0.09 : 0.15;
        return context.fillRect(x, strip.y - strip.thickness / 2, end - x, strip.thickness);
      case 'over':
      case 'under': {
        const part = way === 'over' ? rail : lane;
        if (!part) return;
        const line = this.#at(position, part);
        // The weights are read from below, whichever of them there are.
        const begin = from === 'pattern' ? this.#left(from) : x + bend;
        const arrive = end - bend;
        if (from !== 'pattern') ribbon(context, { x, ...strip }, { x: begin, ...line });
        ribbon(context, { x: arrive, ...line }, { x: end, ...strip });
        context.globalAlpha = 0.5;
        context.fillRect(begin, line.y - line.thickness / 2, arrive - begin, line.thickness);
      }
    }
  }

  paint(position: number): void {
    const context = this.#context;
    const { parts, rowHeight } = this.#layout;
    const arriving = joints.filter(({ way }) => way === 'arrives');
    if (rowHeight >= 24) for (const joint of arriving) this.#plus(position, joint);
    this.#thread(position);
    if (rowHeight < 4) return;
    // The stream's own stations stand on it.
    const { y } = this.#at(position, parts.strip);
    const foot = this.#at(position, parts.thread).y;
    context.fillStyle = this.#ink.roles.residual;
    context.globalAlpha = 0.3;
    for (const { id } of stations.filter((each) => each.stream || each.id === 'embed')) {
      context.fillRect(this.#left(id), y, this.#place.get(id)!.width, foot - y);
    }
    for (const joint of joints) this.#joint(position, joint);
  }
}

/** From the final norm of the last token to the candidates: each logit is made of all of it. */
function paintUnembedding(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  last: number,
  ink: Ink,
): void {
  if (last >= layout.end) return;
  const norm = layout.columns.find(({ id }) => id === 'lnFinal')!;
  const from = { x: norm.x + norm.width, y: rowMiddle(layout, last) };
  context.strokeStyle = ink.roles.residual;
  context.globalAlpha = 0.4;
  for (let place = 0; place < candidatesShown(layout); place += 1) {
    // A candidate's bar begins there.
    line(context, from, { x: layout.next.x - 6, y: (place + 1) * candidateHeight - 3 });
  }
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
  const painter = new RowPainter(context, layout, ink, density);
  for (let position = layout.first; position < layout.end; position += 1) painter.paint(position);
  paintUnembedding(context, layout, source.last, ink);
  context.globalAlpha = 1;
  context.globalCompositeOperation = 'source-over';
}

const columnOf = (layout: FlowLayout, id: StationId) =>
  layout.columns.find((column) => column.id === id)!;

/** Between which it is painted what a query looks at. */
export function lookingBounds(layout: FlowLayout): { x: number; width: number } {
  const [from, to] = [columnOf(layout, 'k'), columnOf(layout, 'z')];
  const x = Math.floor(from.x + from.width);
  return { x, width: Math.ceil(to.x) - x };
}

/**
 * One query: the keys that its scores are made of, and from each value a band to the mix, as thick as
 * its weight.
 */
export function paintLooking(
  context: CanvasRenderingContext2D,
  layout: FlowLayout,
  weights: ArrayLike<number>,
  query: number,
  ink: Ink,
): void {
  const [k, pattern, v, z] = (['k', 'pattern', 'v', 'z'] as const).map((id) =>
    columnOf(layout, id),
  ) as [Column, Column, Column, Column];
  const thickest = Math.max(3, Math.min(14, layout.parts.strip.height));
  const to = rowMiddle(layout, query);
  for (let key = layout.first; key <= query; key += 1) {
    const weight = weights[key]!;
    const y = rowMiddle(layout, key);
    context.strokeStyle = ink.roles.key;
    context.globalAlpha = 0.7 * (query + 1 - layout.first) ** -0.6;
    line(context, { x: k.x + k.width + 1, y }, { x: pattern.x - 1, y: to });
    context.fillStyle = ink.roles.value;
    context.globalAlpha = 0.12 + 0.5 * Math.sqrt(weight);
    const thickness = Math.max(0.35, weight * thickest);
    ribbon(context, { x: v.x + v.width + 1, y, thickness }, { x: z.x - 1, y: to, thickness });
  }
  context.globalAlpha = 1;
}
