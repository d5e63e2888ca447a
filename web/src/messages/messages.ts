import { en, type MessageKey, type Messages } from './en.ts';

export type { MessageKey, Messages };

export type Language = 'en' | 'zh-CN';

/** Most visitors read one language: another one's words are a file of their own. */
const others: Record<Exclude<Language, 'en'>, () => Promise<Messages>> = {
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
};

const loaded = new Map<Language, Messages>([['en', en]]);

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
  const table = loaded.get(language) ?? en;
  const one = `${key}.one` as MessageKey;
  const isOne = values.count === 1 || values.count === '1';
  const template = isOne && one in table ? table[one] : table[key];
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}
