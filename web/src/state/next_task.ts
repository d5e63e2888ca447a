/** Lets the browser answer whoever waits for it, before more is done. */
export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Lets it paint as well. Tabs in the background paint no frames: a timer serves there. */
export const nextFrame = () =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
