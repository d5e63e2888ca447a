/** Moves the reader's eye and keyboard to places of the page. */
import { tick } from 'svelte';

/** The element, which may still be on its way with its code; null where it does not come. */
export async function arrivalOf(selector: string): Promise<HTMLElement | null> {
  await tick();
  const patience = performance.now() + 3000;
  let element = document.querySelector<HTMLElement>(selector);
  while (!element && performance.now() < patience) {
    await new Promise(requestAnimationFrame);
    element = document.querySelector<HTMLElement>(selector);
  }
  return element;
}

/** Brings the explanation into view and gives it the keyboard, which came from a number elsewhere. */
export async function goToWhy(): Promise<void> {
  const title = await arrivalOf('#why-title');
  title?.focus({ preventScroll: true });
  // Its terms, which are still on their way, are to be seen, too: in front of the window's end may be the tour.
  const top = title?.getBoundingClientRect().top ?? 0;
  if (top < 0 || top > innerHeight / 3) title?.scrollIntoView({ block: 'start' });
}

/** To the settings of sampling, wherever on the page they are: the keyboard stands on the first that has an effect. */
export function goToSampling(): void {
  const settings = document.querySelector('[data-focus=sampling]');
  settings?.scrollIntoView({ block: 'center' });
  settings?.querySelector<HTMLInputElement>('input:enabled')?.focus({ preventScroll: true });
}

/** Room that the inspector has at least, once it is asked for, in CSS pixels. */
const inspectorRoom = 340;

/** Scrolls so far that what the flow was asked for is seen below it. */
export function revealInspector(): void {
  const inspector = document.querySelector('[data-focus=inspector]');
  if (!inspector) return;
  const hidden = inspector.getBoundingClientRect().top - (innerHeight - inspectorRoom);
  if (hidden > 0) scrollBy({ top: hidden });
}
