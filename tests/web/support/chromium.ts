import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Ubuntu and Google's own package put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the system's Chromium, or the one of $CHROMIUM, without a window; `more` are arguments. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (!executablePath) throw new Error(`No Chromium: set CHROMIUM, or install ${places[0]}.`);
  return chromium.launch({
    executablePath,
    args: [
      // Chromium refuses its sandbox to root, which is who runs the tests in a container.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // It would look for hosts of its maker's.
      '--disable-background-networking',
      // Containers give /dev/shm less than a page with a model needs.
      '--disable-dev-shm-usage',
      ...more,
    ],
  });
}
