import type { Plugin } from 'vite';

/**
 * What the page imports at once belongs in one file, also where a part that comes later shares it: a
 * file for everything shared would be dozens, which compress badly and follow one another.
 */
export function firstChunk() {
  const first = new Set<string>();
  const plugin: Plugin = {
    name: 'first-chunk',
    apply: 'build',
    buildEnd() {
      const collect = (id: string) => {
        if (first.has(id)) return;
        first.add(id);
        this.getModuleInfo(id)?.importedIds.forEach(collect);
      };
      first.clear();
      for (const id of this.getModuleIds()) if (this.getModuleInfo(id)?.isEntry) collect(id);
    },
  };
  return { plugin, group: { name: 'page', test: (id: string) => first.has(id) } };
}
