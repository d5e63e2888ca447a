import { findStep, type StageState, type StepId, tourSteps } from '../guide/tour.ts';
import { recall, remember } from './storage.ts';

const key = 'tour';

/** Where the reader is in the tour. It can be left at any step, and rejoined there. */
export class Tour {
  readonly steps = tourSteps;
  readonly #apply: (state: StageState) => void;
  /** The step on screen; null while the tour is not taken. */
  index = $state<number | null>(null);
  /** The step to go on with: where the reader left, also on an earlier visit. */
  #left = $state(0);

  readonly step = $derived(this.index === null ? null : tourSteps[this.index]!);
  readonly isFirst = $derived(this.index === 0);
  readonly isLast = $derived(this.index === tourSteps.length - 1);
  readonly canRejoin = $derived(this.#left > 0);

  /** `apply` shows the state of a step on the page; `asked` is the step of the page's address. */
  constructor(apply: (state: StageState) => void, asked?: StepId) {
    this.#apply = apply;
    this.#left = this.#indexOf(findStep(recall(key))?.id);
    if (asked) this.index = this.#indexOf(asked);
  }

  /** Shows the step of the address, once there is a page; its selection is the address's own. */
  arrive(): void {
    if (!this.step) return;
    const { operation, focus, animate }: StageState = this.step.state;
    this.#apply({
      ...(operation && { operation }),
      ...(focus && { focus }),
      ...(animate && { animate }),
    });
  }

  #indexOf(id: StepId | undefined): number {
    return Math.max(
      0,
      tourSteps.findIndex((step) => step.id === id),
    );
  }

  goTo(index: number): void {
    this.index = Math.min(tourSteps.length - 1, Math.max(0, index));
    this.#left = this.index;
    remember(key, this.index === 0 ? null : tourSteps[this.index]!.id);
    this.#apply(tourSteps[this.index]!.state);
  }

  /** Begins, or goes on where it was left. */
  join(): void {
    this.goTo(this.#left);
  }

  next(): void {
    if (this.index === null) return;
    if (this.isLast) this.#finish();
    else this.goTo(this.index + 1);
  }

  previous(): void {
    if (this.index !== null) this.goTo(this.index - 1);
  }

  leave(): void {
    this.index = null;
    this.#apply({});
  }

  /** Goes where an address leads. */
  follow(id: StepId | undefined): void {
    if (id === this.step?.id) return;
    if (id) this.goTo(this.#indexOf(id));
    else this.leave();
  }

  /** Who has seen all of it begins anew the next time. */
  #finish(): void {
    this.#left = 0;
    remember(key, null);
    this.leave();
  }
}
