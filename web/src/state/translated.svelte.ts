import type { Language } from '../messages/messages.ts';

/**
 * Texts that are fetched when they are first shown, one language at a time. Those of the other
 * language stay until the wanted ones have come.
 */
export class Translated<Texts> {
  readonly #load: Readonly<Record<Language, () => Promise<Texts>>>;
  #wanted: Language | null = null;
  texts = $state.raw<Texts | null>(null);
  failed = $state(false);

  constructor(load: Readonly<Record<Language, () => Promise<Texts>>>) {
    this.#load = load;
  }

  async show(language: Language): Promise<void> {
    this.#wanted = language;
    this.failed = false;
    try {
      const texts = await this.#load[language]();
      if (this.#wanted === language) this.texts = texts;
    } catch {
      if (this.#wanted === language) this.failed = true;
    }
  }
}
