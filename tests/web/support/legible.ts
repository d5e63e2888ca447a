// What a reader cannot get at: words that are cut off, and controls that something lies over.
import type { Page } from 'playwright-core';

/**
 * Words and controls within `selector` that cannot be read or pressed, however one scrolls: cut off by
 * what surrounds them, beyond the page's sides, or under what is docked at the window's end.
 */
export const outOfReach = (page: Page, selector: string): Promise<string[]> =>
  page.locator(selector).evaluateAll((roots) => {
    const flaws = new Set<string>();
    const tolerance = 1.5;
    const isSeen = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      !element.closest('.unseen, .skip, [aria-hidden=true]');
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
    const words = (text: string) => text.trim().replace(/\s+/g, ' ').slice(0, 50);

    /** The nearest that cuts off what leaves it, with no way to scroll there. */
    function cutterOf(element: Element, rect: DOMRect): Element | null {
      let box = rect;
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(at);
        const edge = at.getBoundingClientRect();
        const isPage = at === document.documentElement || at === document.body;
        if (!isPage) {
          const beside = box.left < edge.left - tolerance || box.right > edge.right + tolerance;
          const below = box.top < edge.top - tolerance || box.bottom > edge.bottom + tolerance;
          const cuts = ['hidden', 'clip'];
          if (beside && cuts.includes(overflowX)) return at;
          if (below && cuts.includes(overflowY)) return at;
          // What scrolls brings it into its own box.
          const scrolls = ['auto', 'scroll'];
          if (scrolls.includes(overflowX) || scrolls.includes(overflowY)) box = edge;
        }
        if (position === 'fixed') break;
      }
      if (box.left < -tolerance || box.right > innerWidth + tolerance) return document.body;
      return null;
    }

    for (const root of roots) {
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const parent = node.parentElement!;
        if (!node.textContent!.trim() || !isSeen(parent)) continue;
        // An example is shown in part at any size, and whole once it is pressed.
        if (parent.closest('option, .example')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects()) {
          const cutter = rect.width > 0 && cutterOf(parent, rect);
          if (cutter) flaws.add(`“${words(node.textContent!)}” is cut by ${nameOf(cutter)}`);
        }
      }
      for (const control of root.querySelectorAll<HTMLElement>(
        'button, select, input, summary, a[href], [tabindex="0"]',
      )) {
        if (!isSeen(control)) continue;
        control.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
        const { left, right, top, bottom } = control.getClientRects()[0]!;
        const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
        const end = Math.min(innerHeight, bottom);
        // Of what is higher than the window, where it begins.
        const y = bottom - top < innerHeight / 2 ? (top + end) / 2 : Math.max(0, top) + 2;
        const hit = document.elementFromPoint(x, y);
        if (!hit || !(control.contains(hit) || hit.contains(control))) {
          flaws.add(
            `${nameOf(control)} “${words(control.textContent)}” is under ${hit && nameOf(hit)}`,
          );
        }
      }
    }
    return [...flaws];
  });
