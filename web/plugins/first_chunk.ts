interface Modules {
  getModuleInfo: (id: string) => { isEntry: boolean; importedIds: readonly string[] } | null;
  getModuleIds?: () => Iterable<string>;
}

/**
 * What the page imports at once belongs in one file, also where a part that comes later shares it: a
 * file for everything shared would be dozens, which compress badly and follow one another.
 */
export function firstChunk() {
  let entry: string | undefined;
  let first: Set<string> | undefined;
  const collect = (id: string, { getModuleInfo }: Modules, found: Set<string>) => {
    if (found.has(id)) return found;
    found.add(id);
    for (const imported of getModuleInfo(id)?.importedIds ?? []) {
      collect(imported, { getModuleInfo }, found);
    }
    return found;
  };
  return {
    plugin: {
      name: 'first-chunk',
      apply: 'build' as const,
      buildEnd(this: { getModuleIds: () => Iterable<string> } & Modules) {
        entry = Array.from(this.getModuleIds()).find((id) => this.getModuleInfo(id)?.isEntry);
        first = entry
          ? collect(entry, { getModuleInfo: (id) => this.getModuleInfo(id) }, new Set())
          : undefined;
      },
    },
    group: { name: 'page', test: (id: string) => first?.has(id) ?? false },
  };
}
