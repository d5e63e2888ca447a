import { en, type MessageKey, type Messages } from './en.ts';
import { zhCN } from './zh-CN.ts';

export type { MessageKey, Messages };

export const messages = { en, 'zh-CN': zhCN } as const;

export type Language = keyof typeof messages;

export type Values = Record<string, string | number>;

/** The language whose messages suit a BCP 47 tag, or nothing. */
export function languageOf(tag: string | null | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split('-')[0];
  return primary === 'zh' ? 'zh-CN' : primary === 'en' ? 'en' : undefined;
}

/** A message with its values filled in. */
export function format(language: Language, key: MessageKey, values: Values = {}): string {
  const table: Messages = messages[language];
  const one = `${key}.one` as MessageKey;
  const isOne = values.count === 1 || values.count === '1';
  const template = isOne && one in table ? table[one] : table[key];
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}
