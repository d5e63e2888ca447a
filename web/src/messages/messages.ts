import type { WayId } from '../view/ways.ts';
import type { en } from './en.ts';
import type { enLater } from './en.later.ts';

export type FirstMessages = Readonly<Record<keyof typeof en, string>>;
export type LaterMessages = Readonly<Record<keyof typeof enLater, string>>;
export type MessageKey = keyof FirstMessages | keyof LaterMessages;

export type Language = 'en' | 'zh-CN';

type Words = Partial<Record<MessageKey, string>>;

/** Most visitors read one language, and not at once what the views that come later say. */
const files: Record<Language, Record<'first' | 'later', () => Promise<Words>>> = {
  en: {
    first: async () => (await import('./en.ts')).en,
    later: async () => (await import('./en.later.ts')).enLater,
  },
  'zh-CN': {
    first: async () => (await import('./zh-CN.ts')).zhCN,
    later: async () => (await import('./zh-CN.later.ts')).zhCNLater,
  },
};

/** Of the languages that are there, or on their way. */
const tables = new Map<Language, Words>();
/** Whether somebody has opened what comes later: then a language needs the words of both files. */
let laterToo = false;

async function load(language: Language, part: 'first' | 'later'): Promise<void> {
  const words = await files[language][part]();
  tables.set(language, { ...tables.get(language), ...words });
}

/** What the views that come later need beside their own code, in the languages that are there. */
export async function loadLaterMessages(): Promise<void> {
  laterToo = true;
  await Promise.all(Array.from(tables.keys(), (language) => load(language, 'later')));
}

/** What `format` needs; rejects where a file cannot be had. */
export async function loadMessages(language: Language): Promise<void> {
  const before = tables.get(language);
  tables.set(language, before ?? {});
  try {
    await load(language, 'first');
    if (laterToo) await load(language, 'later');
  } catch (error) {
    if (!before) tables.delete(language);
    throw error;
  }
}

export type Values = Record<string, string | number>;

/** The language whose messages suit a BCP 47 tag, or nothing. */
export function languageOf(tag: string | null | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split('-')[0];
  return primary === 'zh' ? 'zh-CN' : primary === 'en' ? 'en' : undefined;
}

/**
 * A message with its values filled in; empty where its words have not been loaded. `way`: a computation that
 * the model on screen has instead of GPT-2's, which some messages have a form for.
 */
export function format(
  language: Language,
  key: MessageKey,
  values: Values = {},
  way: WayId | null = null,
): string {
  const table = tables.get(language) ?? {};
  const form = (name: string) => table[`${key}.${name}` as MessageKey];
  const isOne = values.count === 1 || values.count === '1';
  const template = (isOne && form('one')) || (way && form(way)) || table[key] || '';
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}
