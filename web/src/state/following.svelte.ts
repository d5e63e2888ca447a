import { untrack } from 'svelte';

/**
 * How long what is far from a pointer waits for it to stay, in milliseconds: longer than between two of its
 * moves, shorter than anybody sees.
 */
export const rest = 30;

/**
 * A value that follows another: at once where `delayOf` says null, and otherwise in a task of its own, after
 * so many milliseconds in which it did not change again. For a component.
 */
export class Following<Value> {
  current: Value = $state.raw()!;

  constructor(value: () => Value, delayOf: (before: Value, now: Value) => number | null) {
    this.current = untrack(value);
    // Before the component draws: what follows at once is drawn once.
    $effect.pre(() => {
      const now = value();
      const delay = delayOf(
        untrack(() => this.current),
        now,
      );
      if (delay === null) {
        this.current = now;
        return;
      }
      const timer = setTimeout(() => (this.current = now), delay);
      return () => clearTimeout(timer);
    });
  }
}
