/**
 * Whether a map of blocks and heads can be seen: the one at the flow or the one at the panels. Until the page is
 * scrolled for the first time it counts as seen: what stands in for it need not come with the first picture.
 */
export class MapInSight {
  current = $state(true);

  /** Looks at the maps that are on the page now; returns what ends that. */
  watch(): () => void {
    const seen: Element[] = [];
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const place = seen.indexOf(target);
        if (isIntersecting && place < 0) seen.push(target);
        else if (!isIntersecting && place >= 0) seen.splice(place, 1);
      }
      this.current = seen.length > 0;
    });
    const begin = () => {
      const maps = document.querySelectorAll('.flow .compact, [data-focus=map] .map');
      for (const map of maps) observer.observe(map);
    };
    addEventListener('scroll', begin, { once: true, passive: true });
    return () => {
      removeEventListener('scroll', begin);
      observer.disconnect();
    };
  }
}
