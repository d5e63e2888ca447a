/**
 * Runs in the page before its own scripts: notes when frames are made, what holds the main thread up,
 * and how long each answer to a person takes. It needs nothing from outside itself.
 */
export function probe() {
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => waiting.shift()();
  /** Calls back when the frame under way, or the next one, has been laid out and painted. */
  const afterFrame = (call) =>
    requestAnimationFrame(() => {
      waiting.push(call);
      channel.port2.postMessage(null);
    });

  const feel = { frames: [], work: [], latency: [], blocked: [], flowAt: undefined };
  window.feel = feel;

  let last;
  requestAnimationFrame(function tick(now) {
    if (last !== undefined) feel.frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  });

  new PerformanceObserver((list) => {
    feel.blocked.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });

  // One frame may answer several events; the first of them counts.
  let isPending = false;
  for (const type of ['pointermove', 'beforeinput', 'click']) {
    const note = (event) => {
      if (isPending) return;
      isPending = true;
      const start = performance.now();
      afterFrame(() => {
        isPending = false;
        const end = performance.now();
        feel.work.push(end - start);
        feel.latency.push(end - event.timeStamp);
      });
    };
    window.addEventListener(type, note, { capture: true, passive: true });
  }

  new MutationObserver((_changes, observer) => {
    if (!document.querySelector('[data-testid="flow"]')) return;
    observer.disconnect();
    afterFrame(() => (feel.flowAt = performance.now()));
  }).observe(document, { childList: true, subtree: true });

  /** What was noted since the last call. */
  window.takeFeel = () => {
    const { frames, work, latency, blocked } = feel;
    Object.assign(feel, { frames: [], work: [], latency: [], blocked: [] });
    last = undefined;
    return { frames, work, latency, blocked };
  };
}
