/** What is written at a scale: a position from 0 to 1, and the text. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Pixels: of a character at most, and between two texts at least. */
const [character, space] = [6.6, 2];

/** Those at the ends lie within the scale, all others around their positions. */
function extentOf({ at, text }: Tick, width: number): readonly [number, number] {
  const long = text.length * character;
  const start = at === 0 ? 0 : at === 1 ? width - long : at * width - long / 2;
  return [start, start + long];
}

/**
 * Of the ticks of a scale so many pixels wide those that can be read: the ends first, then from the middle on
 * those that no other is written over. What lies on both sides of the middle is there on both, or on none.
 */
export function ticksWithRoom(ticks: readonly Tick[], width: number): Tick[] {
  const kept = new Map<Tick, readonly [number, number]>();
  const rank = ({ at }: Tick) => (at === 0 || at === 1 ? -1 : Math.abs(at - 0.5));
  for (const tick of [...ticks].sort((a, b) => rank(a) - rank(b))) {
    const [start, end] = extentOf(tick, width);
    const isFree = Array.from(kept.values()).every(
      ([from, to]) => end + space <= from || start >= to + space,
    );
    if (isFree) kept.set(tick, [start, end]);
  }
  const isMirrored = (tick: Tick) => (other: Tick) => Math.abs(tick.at + other.at - 1) < 1e-9;
  const isWhole = (tick: Tick) =>
    !ticks.some(isMirrored(tick)) || Array.from(kept.keys()).some(isMirrored(tick));
  return ticks.filter((tick) => kept.has(tick) && isWhole(tick));
}
