import {
  format,
  languageOf,
  loadMessages,
  type Language,
  type MessageKey,
  type Values,
} from '../messages/messages.ts';
import * as numbers from '../view/numbers.ts';
import { recall, remember } from './storage.ts';

/** The language of the page: of its address, else chosen before, else the browser's, else English. */
export class LanguageState {
  current = $state<Language>('en');
  /** Whether the person chose it, rather than their browser. */
  chosen = $state(false);
  /** Once the words are there. */
  readonly ready: Promise<void>;
  #wanted: Language;

  constructor(asked: Language | undefined) {
    const stored = languageOf(recall('language'));
    const browsers = navigator.languages.map(languageOf).find((language) => language !== undefined);
    this.current = asked ?? stored ?? browsers ?? 'en';
    this.chosen = (asked ?? stored) !== undefined;
    this.#wanted = this.current;
    this.ready = loadMessages(this.current).catch(() => {
      this.current = 'en';
    });
  }

  /** Takes effect when the words are there; where they cannot be had, the page stays as it is. */
  async choose(language: Language): Promise<void> {
    this.#wanted = language;
    await loadMessages(language).catch(() => {
      this.#wanted = this.current;
    });
    if (this.#wanted !== language) return;
    this.current = language;
    this.chosen = true;
    remember('language', language);
  }

  get other(): Language {
    return this.current === 'en' ? 'zh-CN' : 'en';
  }

  readonly t = (key: MessageKey, values?: Values): string => format(this.current, key, values);
  readonly count = (value: number): string => numbers.count(value, this.current);
  readonly bytes = (value: number): string => numbers.bytes(value, this.current);
  readonly compact = (value: number): string => numbers.compact(value, this.current);
  readonly wait = (value: number): string => numbers.wait(value, this.current);
  readonly duration = (value: number): string => numbers.duration(value, this.current);
}
