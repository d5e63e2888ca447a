/** A function that is known by some of its values alone, as a line. */

/**
 * Of the points (x[i], y[i]) one for each of so many steps from one x to another, where there is one: the
 * one that is nearest to the middle of its step. From left to right.
 */
export function curveThrough(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  [from, to]: readonly [number, number],
  steps: number,
): (readonly [x: number, y: number])[] {
  const places = new Int32Array(steps).fill(-1);
  const along = (i: number) => ((x[i]! - from) / (to - from)) * steps;
  for (let i = 0; i < x.length; i += 1) {
    const step = Math.floor(along(i));
    if (!(step >= 0 && step < steps)) continue;
    const middle = step + 0.5;
    const known = places[step]!;
    if (known < 0 || Math.abs(along(i) - middle) < Math.abs(along(known) - middle)) {
      places[step] = i;
    }
  }
  return Array.from(places.filter((i) => i >= 0)).map((i) => [x[i]!, y[i]!]);
}
