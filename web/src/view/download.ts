/** How fast a download goes, and how long it will take. */

export interface Progress {
  /** Bytes. */
  readonly loaded: number;
  /** Bytes; 0 where nobody knows. */
  readonly total: number;
}

/** Progress of a download that may have begun at another time. */
export interface Arrival extends Progress {
  /** Bytes since this one began. */
  readonly arrived: number;
}

export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  /** Bytes that had arrived. */
  readonly arrived: number;
}

/** Long enough for a steady number, short enough to tell of a connection that changed. */
const span = 5000;
/** A download that is over before is not worth a number. */
const patience = 1500;

export const addSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] => [
  ...samples.filter(({ at }) => sample.at - at <= span),
  sample,
];

/** Bytes a second of late, once that can be told. */
export function rateOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < patience) return null;
  return (1000 * (last.arrived - first.arrived)) / (last.at - first.at);
}

/** Seconds; null where that cannot be told. */
export function remainingOf({ loaded, total }: Progress, rate: number | null): number | null {
  return rate === null || rate <= 0 || total < loaded ? null : (total - loaded) / rate;
}

/** The bytes of all files together, heard file by file. */
export class Tally {
  readonly #known: number;
  readonly #files = new Map<string, Progress>();
  /** Bytes that were there when each file was heard of first. */
  #before = 0;

  /** `known`: what they are together, or 0. */
  constructor(known: number) {
    this.#known = known;
  }

  add(file: string, progress: Progress): Arrival {
    if (!this.#files.has(file)) this.#before += progress.loaded;
    this.#files.set(file, progress);
    const files = Array.from(this.#files.values());
    const loaded = files.reduce((sum, each) => sum + each.loaded, 0);
    const arrived = loaded - this.#before;
    const known = this.#known;
    if (known > 0) return { loaded: Math.min(loaded, known), total: known, arrived };
    // The small files come first, and their end is not near that of the whole.
    const weights = this.#files.get('model.safetensors')?.total ?? 0;
    const total = files.reduce((sum, each) => sum + each.total, 0);
    return { loaded, total: weights > 0 ? total : 0, arrived };
  }
}
