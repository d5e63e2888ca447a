/** The grid of all blocks and heads. */

/** Room for the numbers of the blocks. */
const margin = 22;
const [smallest, largest] = [6, 48];

/** Side of a square of the map, so that all heads fit into `width` CSS pixels. */
export function mapCellSize(width: number, heads: number, gap: number): number {
  if (width <= 0) return 0;
  const fitted = Math.floor((width - margin) / heads) - gap;
  return Math.min(largest, Math.max(smallest, fitted));
}

/** Where a key press leads in the grid; nothing where it is none of ours. */
export function moveInMap(
  { block, head }: { block: number; head: number },
  pressed: string,
  blocks: number,
  heads: number,
): { block: number; head: number } | null {
  const within = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
  switch (pressed) {
    case 'ArrowUp':
      return { block: within(block - 1, blocks), head };
    case 'ArrowDown':
      return { block: within(block + 1, blocks), head };
    case 'ArrowLeft':
      return { block, head: within(head - 1, heads) };
    case 'ArrowRight':
      return { block, head: within(head + 1, heads) };
    case 'Home':
      return { block, head: 0 };
    case 'End':
      return { block, head: heads - 1 };
    default:
      return null;
  }
}
