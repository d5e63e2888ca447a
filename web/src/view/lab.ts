/**
 * Colours between two colours, along a straight line in CIELAB: steps that look alike. The white is D50,
 * as CSS Color 4 has it (section 10, with the matrices of section 18).
 */
type Triple = readonly [number, number, number];

const white: Triple = [0.96422, 1, 0.82521];
const [epsilon, kappa] = [216 / 24389, 24389 / 27];

/** Linear-light sRGB to XYZ seen under D50, and back. */
const toXyz = [
  [0.4360747, 0.3850649, 0.1430804],
  [0.2225045, 0.7168786, 0.0606169],
  [0.0139322, 0.0971045, 0.7141733],
] as const;
const fromXyz = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

const times = (matrix: readonly Triple[], [a, b, c]: Triple) =>
  matrix.map((row) => row[0] * a + row[1] * b + row[2] * c) as unknown as Triple;

const toLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toGamma = (v: number) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

function labOf(hex: string): Triple {
  const channels = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map(toLinear);
  const [x, y, z] = times(toXyz, channels as unknown as Triple).map((v, i) => {
    const part = v / white[i]!;
    return part > epsilon ? Math.cbrt(part) : (kappa * part + 16) / 116;
  }) as unknown as Triple;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function rgbOf([l, a, b]: Triple): Triple {
  const y = (l + 16) / 116;
  const xyz = [y + a / 500, y, y - b / 200].map((f, i) => {
    const cube = f ** 3;
    return white[i]! * (cube > epsilon ? cube : (116 * f - 16) / kappa);
  });
  return times(fromXyz, xyz as unknown as Triple).map((v) =>
    Math.round(255 * Math.min(1, Math.max(0, toGamma(v)))),
  ) as unknown as Triple;
}

/** `count` colours through the stops (#rrggbb), which are evenly spaced: red, green, blue to 255. */
export function labScale(stops: readonly string[], count: number): Triple[] {
  const labs = stops.map(labOf);
  return Array.from({ length: count }, (_, i) => {
    const place = (i / (count - 1)) * (labs.length - 1);
    const from = Math.min(labs.length - 2, Math.floor(place));
    return rgbOf(
      labs[from]!.map(
        (v, c) => v + (labs[from + 1]![c]! - v) * (place - from),
      ) as unknown as Triple,
    );
  });
}
