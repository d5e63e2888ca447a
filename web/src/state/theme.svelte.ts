import type { Theme } from '../view/color.ts';
import { recall, remember } from './storage.ts';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

/** Light or dark: as the system has it, unless the person chose one. */
export class ThemeState {
  choice = $state<ThemeChoice>('system');
  #systemIsDark = $state(false);

  constructor() {
    const stored = recall('theme');
    this.choice = themeChoices.find((choice) => choice === stored) ?? 'system';
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = query.matches;
    query.addEventListener('change', () => (this.#systemIsDark = query.matches));
  }

  get current(): Theme {
    if (this.choice !== 'system') return this.choice;
    return this.#systemIsDark ? 'dark' : 'light';
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    remember('theme', choice === 'system' ? null : choice);
  }
}
