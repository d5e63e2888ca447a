import type { FocusName } from '../guide/tour.ts';

/** Set while a part of the page is pointed at; styles/base.css draws it. */
const mark = 'pointed-at';

/** Brings the part of the page that has this name into sight and marks it; null marks none. */
export function pointAt(name: FocusName | null): void {
  for (const element of document.querySelectorAll(`.${mark}`)) element.classList.remove(mark);
  if (!name) return;
  const element = document.querySelector(`[data-focus="${name}"]`);
  if (!element) return;
  element.classList.add(mark);
  // On a narrow screen the flow is a long list: the station that is spoken of is what to see.
  const current = name === 'flow' ? element.querySelector('li [aria-current=true]') : null;
  if (current) {
    current.scrollIntoView({ block: 'center' });
    return;
  }
  const { top, bottom, height } = element.getBoundingClientRect();
  const covered = parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom) || 0;
  const room = innerHeight - covered;
  if (top >= 0 && bottom <= room && name !== 'flow') return;
  // What is higher than the window shows its beginning; below the flow, the inspector is to be seen too.
  const fromTop = height > room || ['flow', 'attention', 'sampling', 'why'].includes(name);
  element.scrollIntoView({ block: fromTop ? 'start' : 'nearest' });
}
