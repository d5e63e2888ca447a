/** Says of many rows which one is marked: those that a change does not concern are not drawn again. For a component. */
export function marks(placeOf: () => number | null | undefined): (row: number) => boolean {
  const marked = $state<Record<number, boolean>>({});
  const place = $derived(placeOf());
  $effect.pre(() => {
    if (place === null || place === undefined) return;
    const at = place;
    marked[at] = true;
    return () => (marked[at] = false);
  });
  return (row) => marked[row] ?? false;
}
