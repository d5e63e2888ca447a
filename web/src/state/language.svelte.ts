import {
  format,
  loadMessages,
  type Language,
  type MessageKey,
  type Values,
} from '../messages/messages.ts';
import * as numbers from '../view/numbers.ts';
import type { WayId } from '../view/ways.ts';
import { firstLanguage } from './first_words.ts';
import { remember } from './storage.ts';

/** The language of the page: of its address, else chosen before, else the browser's, else English. */
export class LanguageState {
  current = $state<Language>('en');
  /** Whether the person chose it, rather than their browser. */
  chosen = $state(false);
  /** The language whose words were asked for last, and could not be had. */
  missing = $state<Language | null>(null);
  /** Once the words are there. */
  readonly ready: Promise<void>;
  readonly #nonlinearity: () => WayId | null;
  #wanted: Language;

  /** `nonlinearity`: of the model on screen, where it is not GPT-2's: it has a name of its own. */
  constructor(asked: Language | undefined, nonlinearity: () => WayId | null) {
    this.#nonlinearity = nonlinearity;
    const { language, chosen } = firstLanguage(asked);
    this.current = this.#wanted = language;
    this.chosen = chosen;
    this.ready = loadMessages(language).catch(() => {
      this.missing = language;
      this.current = 'en';
      // Nobody chose English: the next visit may have the words.
      this.chosen = false;
      return loadMessages('en');
    });
  }

  /**
   * Takes effect when the words are there; where they cannot be had, the page stays as it is, and says
   * so. Resolves to whether the language is now the page's.
   */
  async choose(language: Language): Promise<boolean> {
    this.#wanted = language;
    this.missing = null;
    let isThere = true;
    await loadMessages(language).catch(() => (isThere = false));
    // Another one was chosen meanwhile.
    if (this.#wanted !== language) return false;
    if (!isThere) {
      this.#wanted = this.current;
      this.missing = language;
      return false;
    }
    this.current = language;
    this.chosen = true;
    remember('language', language);
    return true;
  }

  /** Stays with the words on screen. */
  forget(): void {
    this.missing = null;
  }

  get other(): Language {
    return this.current === 'en' ? 'zh-CN' : 'en';
  }

  readonly t = (key: MessageKey, values?: Values): string =>
    format(this.current, key, values, this.#nonlinearity());
  readonly count = (value: number): string => numbers.count(value, this.current);
  readonly bytes = (value: number): string => numbers.bytes(value, this.current);
  readonly compact = (value: number): string => numbers.compact(value, this.current);
  readonly wait = (value: number): string => numbers.wait(value, this.current);
  readonly duration = (value: number): string => numbers.duration(value, this.current);
}
