/** The number at a place of the flow: what hovering says, and what a click explains. */
import type { Subject } from '../explanation.ts';
import { type FlowLayout, type Place } from './layout.ts';
import { type Station, type StationId, stationOf, stations, tensorName } from './stations.ts';
import { indexOf, largestShown, rowOf, strongestIn, strongestOf, type Values } from './vectors.ts';

export interface Readout {
  readonly station: Station;
  readonly position: number;
  readonly component: number;
  readonly subject: Subject;
  readonly value: number;
  /** How many numbers the strip has. */
  readonly count: number;
}

interface Where {
  readonly values: Values;
  readonly station: Station;
  readonly head: number;
  readonly block: number;
  readonly position: number;
}

function readoutAt({ values, station, head, block, position }: Where, component: number): Readout {
  const row = rowOf(station, values, head, position);
  return {
    station,
    position,
    component,
    subject: {
      name: tensorName(station, block),
      index: indexOf(station, values, head, position, component),
    },
    value: row[component]!,
    count: row.length,
  };
}

/** Of a strip, the number whose colour is under the pointer. */
export function readoutUnder(
  { station: id, position, along }: Place,
  layout: FlowLayout,
  values: Values,
  { block, head, density }: { block: number; head: number; density: number },
): Readout | null {
  const station = stationOf(id);
  if (station.extent === 'tokens') {
    const key = layout.first + Math.floor(along * (layout.end - layout.first));
    return componentReadout(id, position, values, { block, head }, key);
  }
  const column = layout.columns.find((each) => each.id === id)!;
  const pixels = Math.max(1, Math.round(column.width * density));
  const bin = Math.floor(along * pixels);
  const component = strongestIn(rowOf(station, values, head, position), bin, pixels);
  return readoutAt({ values, station, head, block, position }, component);
}

/** Of a strip, a number of its own; null where it has none there: a token does not look ahead. */
export function componentReadout(
  id: StationId,
  position: number,
  values: Values,
  { block, head }: { block: number; head: number },
  component: number,
): Readout | null {
  const station = stationOf(id);
  if (component >= rowOf(station, values, head, position).length) return null;
  return readoutAt({ values, station, head, block, position }, component);
}

/** Of a strip, its largest number. */
export function strongestReadout(
  id: StationId,
  position: number,
  values: Values,
  { block, head }: { block: number; head: number },
): Readout {
  const station = stationOf(id);
  const row = rowOf(station, values, head, position);
  return readoutAt({ values, station, head, block, position }, strongestOf(row));
}

/** Of a column, the number that has the full colour: the largest on screen. */
export function largestReadout(
  id: StationId,
  values: Values,
  where: { block: number; head: number },
  rows: { readonly first: number; readonly end: number },
): Readout {
  const { position } = largestShown(stationOf(id), values, where.head, rows);
  return strongestReadout(id, position, values, where);
}

/** Where a key press leads in the flow; null where it is none of ours. */
export function moveInFlow(
  { station, position }: { station: StationId; position: number },
  pressed: string,
  tokens: number,
): { station: StationId; position: number } | null {
  const ids = stations.map(({ id }) => id);
  const at = ids.indexOf(station);
  const column = (to: number) => ids[Math.min(ids.length - 1, Math.max(0, to))]!;
  const row = (to: number) => Math.min(tokens - 1, Math.max(0, to));
  switch (pressed) {
    case 'ArrowLeft':
      return { station: column(at - 1), position };
    case 'ArrowRight':
      return { station: column(at + 1), position };
    case 'ArrowUp':
      return { station, position: row(position - 1) };
    case 'ArrowDown':
      return { station, position: row(position + 1) };
    case 'Home':
      return { station: column(0), position };
    case 'End':
      return { station: column(ids.length - 1), position };
    case 'PageUp':
      return { station, position: 0 };
    case 'PageDown':
      return { station, position: tokens - 1 };
    default:
      return null;
  }
}
