import {
  format,
  languageOf,
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

  constructor(asked: Language | undefined) {
    const stored = languageOf(recall('language'));
    const browsers = navigator.languages.map(languageOf).find((language) => language !== undefined);
    this.current = asked ?? stored ?? browsers ?? 'en';
    this.chosen = (asked ?? stored) !== undefined;
  }

  choose(language: Language): void {
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
