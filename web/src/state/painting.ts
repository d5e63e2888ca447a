/** Canvases that are known to be out of sight. */
const unseen = new WeakSet<Element>();
/** What waits to be painted: of canvases out of sight, and of those in sight what takes long. */
const waiting = new Map<Element, () => void>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        unseen.add(target);
      } else {
        unseen.delete(target);
        paintNow(target);
      }
    }
  },
  // What the next turn of a wheel brings in has been painted before.
  { rootMargin: '300px' },
);

function paintNow(canvas: Element): void {
  const paint = waiting.get(canvas);
  waiting.delete(canvas);
  paint?.();
}

/** Safari has no idle callbacks. */
const whenIdle =
  typeof requestIdleCallback === 'function'
    ? (call: () => void) => requestIdleCallback(call, { timeout: 1000 })
    : (call: () => void) => setTimeout(call, 200);

/** Tells `paintInSight` whether a canvas is in sight; until it is known, it counts as such. */
export function insight(canvas: HTMLCanvasElement): () => void {
  observer.observe(canvas);
  return () => {
    observer.unobserve(canvas);
    waiting.delete(canvas);
  };
}

/**
 * Paints at once what is in sight, or, where that `takesLong`, in a task of its own; and what is not in sight
 * when the browser has nothing else to do, so that the task in which a run's numbers come is not the longer
 * for it. Returns what takes the order back, as an effect that is run again does.
 */
export function paintInSight(
  canvas: HTMLCanvasElement,
  paint: () => void,
  takesLong = false,
): () => void {
  const isSeen = !unseen.has(canvas);
  if (isSeen && !takesLong) {
    paint();
    return () => {};
  }
  const order = () => paint();
  const isOrdered = () => waiting.get(canvas) === order;
  waiting.set(canvas, order);
  (isSeen ? setTimeout : whenIdle)(() => isOrdered() && paintNow(canvas));
  return () => isOrdered() && waiting.delete(canvas);
}
