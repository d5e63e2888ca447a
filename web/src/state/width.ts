import type { Attachment } from 'svelte/attachments';

const listeners = new WeakMap<Element, (width: number) => void>();
const observer = new ResizeObserver((entries) => {
  for (const { target, borderBoxSize } of entries) {
    listeners.get(target)?.(Math.round(borderBoxSize[0]!.inlineSize));
  }
});

/**
 * Tells the width of an element, its padding included, in whole CSS pixels, at first and whenever it changes. It is
 * told between layout and paint; reading it as the element is made, as bind:clientWidth does, costs a
 * layout of the whole page each time.
 */
export const onwidth =
  (tell: (width: number) => void): Attachment =>
  (element) => {
    listeners.set(element, tell);
    observer.observe(element, { box: 'border-box' });
    return () => observer.unobserve(element);
  };
