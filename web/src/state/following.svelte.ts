import { untrack } from 'svelte';
import { nextFrame } from './next_task.ts';

/**
 * How long what is far from a pointer waits for it to stay, in milliseconds: longer than between two of its
 * moves, shorter than anybody sees.
 */
export const rest = 30;

/** The same of what nobody sees, which waits until a text no longer grows token by token. */
export const leisure = 250;

/** When a value follows: with what it follows, in the task after its frame, or once there is no other for a while. */
export type When = 'at once' | 'after a frame' | 'at rest' | 'at leisure';

/** A value that follows another, at once or later. For a component. */
export class Following<Value> {
  current: Value = $state.raw()!;
  #latest: Value;
  #isWaiting = false;

  constructor(value: () => Value, whenOf: (before: Value, now: Value) => When) {
    this.current = this.#latest = untrack(value);
    // Before the component draws: what follows at once is drawn once.
    $effect.pre(() => {
      const now = (this.#latest = value());
      const when = whenOf(
        untrack(() => this.current),
        now,
      );
      if (when === 'at once') this.current = now;
      if (when === 'after a frame') void this.#catchUp();
      if (when !== 'at rest' && when !== 'at leisure') return;
      const timer = setTimeout(() => (this.current = now), when === 'at rest' ? rest : leisure);
      return () => clearTimeout(timer);
    });
  }

  /** With the latest value there is then: values that come faster than frames put nothing off. */
  async #catchUp(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    await nextFrame();
    this.#isWaiting = false;
    this.current = this.#latest;
  }
}
