import { en } from './en.ts';
import type { enLater } from './en.later.ts';

export type MessageKey = keyof typeof en | keyof typeof enLater;
export type Messages = Readonly<Record<MessageKey, string>>;

export type Language = 'en' | 'zh-CN';

/** Most visitors read one language: another one's words are a file of their own. */
const others: Record<Exclude<Language, 'en'>, () => Promise<Messages>> = {
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
};

/** Those of views that come later are not there at first. */
const english: Partial<Record<MessageKey, string>> = { ...en };
const loaded = new Map<Language, Partial<Messages>>([['en', english]]);

/** What the views that come later need beside their own code. */
export async function loadLaterMessages(): Promise<void> {
  Object.assign(english, (await import('./en.later.ts')).enLater);
}

/** What `format` needs; rejects where the file cannot be had. */
export async function loadMessages(language: Language): Promise<void> {
  if (language === 'en' || loaded.has(language)) return;
  loaded.set(language, await others[language]());
}

export type Values = Record<string, string | number>;

/** The language whose messages suit a BCP 47 tag, or nothing. */
export function languageOf(tag: string | null | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split('-')[0];
  return primary === 'zh' ? 'zh-CN' : primary === 'en' ? 'en' : undefined;
}

/** A message with its values filled in; in English where the language has not been loaded. */
export function format(language: Language, key: MessageKey, values: Values = {}): string {
  const table = loaded.get(language) ?? english;
  const one = `${key}.one` as MessageKey;
  const isOne = values.count === 1 || values.count === '1';
  const template = (isOne && table[one]) || table[key] || '';
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}
