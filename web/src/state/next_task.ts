/**
 * Lets the browser paint, and answer whoever waits for it, before more is done. Tabs in the background
 * paint no frames: a timer serves there.
 */
export const nextTask = () =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
