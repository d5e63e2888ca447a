// From the start of the navigation to the first prediction on the built page, in contexts without a
// cache.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { launchChromium } from './browser.mjs';

const selector = '[data-testid="drawn"]';

/** Milliseconds of each visit; undefined where the page is not built. */
export async function coldStarts(url, mounts, visits) {
  if (!existsSync(path.join(mounts.page, 'index.html'))) return undefined;
  const times = [];
  for (let visit = 0; visit < visits; visit += 1) {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.addInitScript((wanted) => {
        new MutationObserver((_changes, observer) => {
          if (!document.querySelector(wanted)) return;
          window.drawnAt = performance.now();
          observer.disconnect();
        }).observe(document, { childList: true, subtree: true, attributes: true });
      }, selector);
      await page.goto(`${url}/page/index.html`);
      const drawnAt = await page.waitForFunction(() => window.drawnAt);
      times.push(await drawnAt.jsonValue());
    } finally {
      await browser.close();
    }
  }
  return times;
}
