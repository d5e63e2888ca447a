import type { Explorer } from './explorer.svelte.ts';

type Action = (explorer: Explorer) => void;

const everywhere: Record<string, Action> = {
  Enter: (explorer) => void explorer.generateOne(),
};

const outsideFields: Record<string, Action> = {
  '[': (explorer) => explorer.move(-1, 0),
  ']': (explorer) => explorer.move(1, 0),
  ',': (explorer) => explorer.move(0, -1),
  '.': (explorer) => explorer.move(0, 1),
};

const isField = (target: EventTarget | null) =>
  target instanceof Element && target.closest('input, textarea, select') !== null;

/** What a key press does on the whole page, or nothing. */
export function actionOf(event: KeyboardEvent, { characterKeys }: Explorer): Action | undefined {
  if (event.altKey || event.isComposing || event.defaultPrevented) return undefined;
  if (event.ctrlKey || event.metaKey) return everywhere[event.key];
  return isField(event.target) || !characterKeys.areOn ? undefined : outsideFields[event.key];
}
