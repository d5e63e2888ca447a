import type { FocusName } from '../guide/tour.ts';

/** Set while a part of the page is pointed at; styles/base.css draws it. */
const mark = 'pointed-at';

/** Lets go of what was pointed at. */
let release = () => {};

/**
 * Brings the part of the page that has this name into sight, marks it, and keeps it there while what comes late
 * (numbers, fonts, the tour’s card, on phones the flow) still moves it, until the reader does something. Null marks none.
 */
export function pointAt(name: FocusName | null): void {
  for (const element of document.querySelectorAll(`.${mark}`)) element.classList.remove(mark);
  release();
  if (!name) return;
  const element = document.querySelector(`[data-focus="${name}"]`);
  if (!element) return;
  element.classList.add(mark);
  const isFlow = name === 'flow';
  // Below what shows its beginning, more is to be seen.
  const begins = isFlow || ['attention', 'sampling', 'why'].includes(name);
  const sizes = new ResizeObserver(() => bringIntoSight(element, isFlow, begins));
  // What can move it: whatever stands beside it, or beside what it stands in.
  for (let at: Element | null = element; at; at = at.parentElement) {
    for (const near of at.parentElement?.children ?? []) sizes.observe(near, { box: 'border-box' });
  }
  const acts = new AbortController();
  release = () => {
    sizes.disconnect();
    acts.abort();
  };
  for (const act of ['wheel', 'touchmove', 'pointerdown', 'keydown']) {
    addEventListener(act, release, { capture: true, passive: true, signal: acts.signal });
  }
}

function bringIntoSight(element: Element, isFlow: boolean, begins: boolean): void {
  // On a narrow screen the flow is a long list: the station that is spoken of is what to see.
  const current = isFlow ? element.querySelector('li [aria-current=true]') : null;
  if (current) {
    current.scrollIntoView({ block: 'center' });
    return;
  }
  const { top, bottom, height } = element.getBoundingClientRect();
  const covered = parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom) || 0;
  const room = innerHeight - covered;
  if (top >= 0 && bottom <= room && !isFlow) return;
  // What is higher than the window shows its beginning.
  element.scrollIntoView({ block: height > room || begins ? 'start' : 'nearest' });
}
