import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { Failure } from '../../setup/failure.mjs';

/** Where Debian, Ubuntu and Google's own package put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the system's Chromium, or the one of $CHROMIUM, without a window. */
export async function launchChromium() {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (!executablePath || !existsSync(executablePath)) {
    throw new Failure(
      `The benchmark runs in Chromium, and there is none at ${executablePath ?? places[0]}: ` +
        'install it (Debian: apt-get install chromium), or set CHROMIUM to its path.',
    );
  }
  return chromium.launch({
    executablePath,
    // bench.mjs ends the program, and with it the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    args: [
      // Chromium refuses its sandbox to root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-dev-shm-usage',
      // Otherwise a measure of memory waits for the next garbage collection, up to 20 seconds.
      '--enable-blink-features=ForceEagerMeasureMemory',
    ],
  });
}
