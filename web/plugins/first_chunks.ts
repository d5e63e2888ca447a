import type { Plugin } from 'vite';

/** What finds out the page's language and asks for its words. */
const wordsEntry = /\/state\/first_words\.ts$/;

/**
 * What the page imports at once belongs in one file, also where a part that comes later shares it: a
 * file for everything shared would be dozens, which compress badly and follow one another. But what
 * asks for the page's words is a small file before that: the words come beside the page's code, in
 * the reader's language alone.
 */
export function firstChunks() {
  const words = new Set<string>();
  const page = new Set<string>();
  const plugin: Plugin = {
    name: 'first-chunks',
    apply: 'build',
    buildEnd() {
      const collect = (id: string, found: Set<string>) => {
        if (found.has(id)) return;
        found.add(id);
        this.getModuleInfo(id)?.importedIds.forEach((imported) => collect(imported, found));
      };
      words.clear();
      page.clear();
      for (const id of this.getModuleIds()) {
        if (this.getModuleInfo(id)?.isEntry) collect(id, page);
        if (wordsEntry.test(id)) collect(id, words);
      }
    },
    // As others of its kind it would wait for the styles, and the words with it.
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replace(/<script (?=type="module" crossorigin src="[^"]*\/words-)/, '<script async '),
    },
  };
  const groups = [
    { name: 'words', test: (id: string) => words.has(id), priority: 1 },
    { name: 'page', test: (id: string) => page.has(id) },
  ];
  return { plugin, groups };
}
