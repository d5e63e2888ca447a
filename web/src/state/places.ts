/** Moves the reader's eye and keyboard to places of the page. */
import { tick } from 'svelte';

/** Brings the explanation into view and gives it the keyboard, which came from a number elsewhere. */
export async function goToWhy(): Promise<void> {
  await tick();
  // The code of the explanation may still be on its way.
  const patience = performance.now() + 3000;
  while (!document.getElementById('why-title') && performance.now() < patience) {
    await new Promise(requestAnimationFrame);
  }
  document.getElementById('why-title')?.focus();
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
