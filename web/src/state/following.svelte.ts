import { untrack } from 'svelte';
import { nextTask } from './next_task.ts';

/** A value that follows another: at once, or where `isLate` says so, in a task of its own. For a component. */
export class Following<Value> {
  current: Value = $state.raw()!;

  constructor(value: () => Value, isLate: (before: Value, now: Value) => boolean) {
    this.current = untrack(value);
    // Before the component draws: what follows at once is drawn once.
    $effect.pre(() => {
      const now = value();
      if (
        !isLate(
          untrack(() => this.current),
          now,
        )
      ) {
        this.current = now;
        return;
      }
      let isWanted = true;
      void nextTask().then(() => isWanted && (this.current = now));
      return () => (isWanted = false);
    });
  }
}
