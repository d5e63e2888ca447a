/**
 * Asks for the words of the page's language at once. The page's own code is many times as large:
 * index.html has this file fetched and run beside it (plugins/first_chunks.ts), so that the words do
 * not come after it.
 */
import { type Language, languageOf, loadMessages } from '../messages/messages.ts';
import { recall } from './storage.ts';

/** The language of the page, and whether the person chose it rather than their browser. */
export function firstLanguage(asked: Language | undefined): {
  language: Language;
  chosen: boolean;
} {
  const chosen = asked ?? languageOf(recall('language'));
  const browsers = navigator.languages.map(languageOf).find((language) => language !== undefined);
  return { language: chosen ?? browsers ?? 'en', chosen: chosen !== undefined };
}

const asked = languageOf(new URLSearchParams(location.hash.slice(1)).get('lang'));
// Whoever waits for them asks once more, and hears whether they came.
loadMessages(firstLanguage(asked).language).catch(() => undefined);
