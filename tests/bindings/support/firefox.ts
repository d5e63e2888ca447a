import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import type { OtherBrowser } from './other_browser.ts';

/** Debian's package, and what it is called elsewhere. */
const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** Starts the system's Firefox, or the one of $FIREFOX, without a window. */
export async function launchFirefox(): Promise<OtherBrowser> {
  const executablePath = process.env.FIREFOX ?? places.find((place) => existsSync(place));
  if (!executablePath) throw new Error(`No Firefox: set FIREFOX, or install ${places[0]}.`);
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath });
  const page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url)),
    evaluate: (work, argument) => page.evaluate(work as never, argument),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
