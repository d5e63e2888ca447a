/** A long vector as a grid of cells that are wide enough to point at, row by row. */
export interface VectorLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly height: number;
}

const narrowestCell = 5;
/** A vector of few numbers, or of one, is no wall. */
const widestCell = 80;

/** As a vocabulary is: more numbers than can all be pointed at, or listed. */
export const isLong = (length: number) => length > 4000;
/** What a long vector fills, in CSS pixels, whatever its cells become. */
const longHeight = 300;

export function layoutVector(length: number, width: number): VectorLayout {
  if (isLong(length)) {
    const columns = Math.ceil(Math.sqrt((length * width) / longHeight));
    const rows = Math.ceil(length / columns);
    const cellHeight = longHeight / rows;
    return { columns, rows, cellWidth: width / columns, cellHeight, height: longHeight };
  }
  const fitting = Math.max(1, Math.floor(width / narrowestCell));
  const rows = Math.max(1, Math.ceil(length / fitting));
  const columns = Math.ceil(length / rows);
  const cellHeight = rows === 1 ? 26 : rows < 4 ? 15 : rows < 12 ? 10 : 6;
  return {
    columns,
    rows,
    cellWidth: Math.min(widestCell, width / columns),
    cellHeight,
    height: rows * cellHeight,
  };
}

export function componentAt(
  layout: VectorLayout,
  length: number,
  x: number,
  y: number,
): number | null {
  const column = Math.floor(x / layout.cellWidth);
  const row = Math.floor(y / layout.cellHeight);
  const component = row * layout.columns + column;
  const inside = column >= 0 && column < layout.columns && row >= 0 && component < length;
  return inside ? component : null;
}

/** Where a key press leads; null where it is none of ours. */
export function moveInVector(
  component: number,
  pressed: string,
  length: number,
  columns: number,
): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -length,
    End: length,
  };
  const step = steps[pressed];
  if (step === undefined) return null;
  const to = component + step;
  const vertical = Math.abs(step) === columns && columns > 1;
  if (vertical && (to < 0 || to >= length)) return component;
  return Math.min(length - 1, Math.max(0, to));
}
