/** The middle of the sorted numbers; between the two middle ones where their count is even. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** {median, min, max}, or undefined for no values. */
export const summary = (values) =>
  values.length === 0
    ? undefined
    : { median: median(values), min: Math.min(...values), max: Math.max(...values) };

/** The results of several rounds ({times, memory, ...} by contestant). */
export class Rounds {
  constructor(rounds) {
    this.rounds = rounds;
  }

  /** Over all runs of all rounds: milliseconds. */
  time(id, key) {
    return summary(this.rounds.flatMap((round) => round[id]?.times?.[key] ?? []));
  }

  /** Over the rounds: any number `of` a contestant's result. */
  value(id, of) {
    const values = this.rounds.map((round) => round[id] && of(round[id]));
    return summary(values.filter(Number.isFinite));
  }

  /**
   * How many times as long `slow` takes as `fast`, each {id, key}: within each round, where the
   * machine was the same for both, and then over the rounds.
   */
  ratio(slow, fast) {
    const middle = (round, { id, key }) => {
      const times = round[id]?.times?.[key];
      return times ? median(times) : NaN;
    };
    const ratios = this.rounds.map((round) => middle(round, slow) / middle(round, fast));
    return summary(ratios.filter(Number.isFinite));
  }

  /** Why a contestant was not measured, or undefined. */
  skipped(id) {
    return this.rounds.map((round) => round[id]?.skipped).find((reason) => reason !== undefined);
  }
}
