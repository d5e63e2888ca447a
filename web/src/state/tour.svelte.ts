import type { StageState } from '../guide/tour.ts';
import { findStep, type StepId, stepIds } from '../guide/tour_steps.ts';
import { recall, remember } from './storage.ts';

const key = 'tour';

/** Where the reader is in the tour. It can be left at any step, and rejoined there. */
export class Tour {
  readonly steps = stepIds;
  readonly #apply: (state: StageState) => void;
  /** The step on screen; null while the tour is not taken. */
  index = $state<number | null>(null);
  /** The step to go on with: where the reader left, also on an earlier visit. */
  #left = $state(0);

  readonly step = $derived(this.index === null ? null : stepIds[this.index]!);
  readonly isFirst = $derived(this.index === 0);
  readonly isLast = $derived(this.index === stepIds.length - 1);
  readonly canRejoin = $derived(this.#left > 0);

  /** `apply` shows the state of a step on the page; `asked` is the step of the page's address. */
  constructor(apply: (state: StageState) => void, asked?: StepId) {
    this.#apply = apply;
    this.#left = this.#indexOf(findStep(recall(key)));
    if (asked) this.index = this.#indexOf(asked);
  }

  /** Shows the step of the address, once there is a page; its selection is the address's own. */
  arrive(): void {
    void this.#show('stateAnywhere');
  }

  /** What a step asks for comes with the card, which says so where it cannot be had. */
  async #show(asked: 'stateOf' | 'stateAnywhere' = 'stateOf'): Promise<void> {
    const { step } = this;
    if (!step) return;
    const states = await import('../guide/tour.ts').catch(() => null);
    if (states && step === this.step) this.#apply(states[asked](step));
  }

  #indexOf(id: StepId | undefined): number {
    return Math.max(0, stepIds.indexOf(id!));
  }

  goTo(index: number): void {
    this.index = Math.min(stepIds.length - 1, Math.max(0, index));
    this.#left = this.index;
    remember(key, this.index === 0 ? null : this.step);
    void this.#show();
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
    if (id === (this.step ?? undefined)) return;
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
