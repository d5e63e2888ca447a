import type { Browser, BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import { expect, onTestFinished, TestRunner } from 'vitest';
import { launchChromium } from './chromium.ts';

interface ServeOptions {
  port: string;
  folder?: string;
  isolated?: boolean;
}
type Serve = (options: ServeOptions) => Promise<{ url: string; close: () => Promise<void> }>;
const tool: string = '../../../tools/serve.mjs';
const { serve } = (await import(tool)) as { serve: Serve };

export interface Visit {
  page: Page;
  /** What the browser complained of since the page was opened. */
  complaints: string[];
  /** Addresses outside the page's own server that it asked for. */
  foreign: string[];
}

/**
 * Scripts but those of the model's worker and its threads: where one is stopped while its code is still coming, the
 * browser never says how that ended.
 */
const viewCode = /^(?!.*\/(worker|glassformer)[^/]*$).*\.js$/;

/** Code of views that is on its way to a page. */
const coming = new WeakMap<Page, Set<Request>>();

/** The built page on a server of its own, and a browser: one for each file of tests. */
export class Site {
  readonly url: string;
  readonly #browser: Browser;
  #close: () => Promise<void>;

  private constructor(url: string, browser: Browser, close: () => Promise<void>) {
    this.url = url;
    this.#browser = browser;
    this.#close = close;
  }

  /** `browserArguments`: for a browser that is to find other hosts somewhere else. */
  static async open(
    browserArguments: readonly string[] = [],
    options: Partial<ServeOptions> = {},
  ): Promise<Site> {
    const [{ url, close }, browser] = await Promise.all([
      serve({ port: '0', ...options }),
      launchChromium(browserArguments),
    ]);
    return new Site(url, browser, close);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#close();
  }

  /** From now on nobody answers. */
  async stopServing(): Promise<void> {
    await this.#close();
    this.#close = async () => {};
  }

  /** A new person's browser, with nothing remembered. `before` runs before the page opens. */
  async visit(
    hash = '',
    options: BrowserContextOptions = {},
    before: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<Visit> {
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      reducedMotion: 'reduce',
      // Tests answer for the server in many ways, which a service worker would be in the way of.
      serviceWorkers: 'block',
      ...options,
    });
    // Pages that stay open take the cores from those that follow. One of a hook is for all tests.
    if (TestRunner.getCurrentTest()) onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      if (text.includes('Service Worker registration blocked by Playwright')) return;
      if (['error', 'warning'].includes(message.type())) complaints.push(text);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const own = request.url().startsWith(this.url) || /^(data|blob):/.test(request.url());
      if (!own) foreign.push(request.url());
    });
    const code = new Set<Request>();
    coming.set(page, code);
    page.on('request', (request) => {
      // The page before this one is gone, and nothing says so of what it still waited for.
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) code.clear();
      if (viewCode.test(new URL(request.url()).pathname)) code.add(request);
    });
    page.on('requestfinished', (request) => code.delete(request));
    page.on('requestfailed', (request) => code.delete(request));
    await before(page);
    await page.goto(this.url + hash);
    return { page, complaints, foreign };
  }

  /** The same, once the model has read the text. */
  async visitReady(hash = '', options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await this.visit(hash, options);
    await ready(visit.page);
    return visit;
  }
}

export const ready = (page: Page) => page.getByTestId('drawn').waitFor();

/** Ids of the tokens on screen. */
export const idsOn = (page: Page) =>
  page
    .locator('[data-position] .id')
    .allTextContents()
    .then((texts) => texts.map(Number));

/** How far the page reaches beyond the window's edge, in pixels. */
export const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

/** Waits until the strip shows so many tokens. */
export const waitForTokens = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-position]').length === wanted,
    count,
  );

/** Waits until it shows so many or more, while the model goes on writing. */
export const waitForTokensFrom = (page: Page, count: number) =>
  page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-position]').length >= wanted,
    count,
  );

/** Waits until they are those of the text in the box, which is of plain words. */
export const waitForText = (page: Page) =>
  page.waitForFunction(() => {
    const pieces = Array.from(
      document.querySelectorAll('[data-position] .piece'),
      (piece) => piece.textContent,
    );
    const { value } = document.querySelector<HTMLTextAreaElement>('#prompt')!;
    return pieces.join('').replaceAll('·', ' ') === value;
  });

/** Waits until the views on screen whose code comes when they are first shown are there, all of them. */
export async function whole(page: Page): Promise<void> {
  // A browser with nothing to paint may leave out the idle time.
  const idle = () =>
    page.evaluate(
      () => new Promise((resolve) => requestIdleCallback(() => resolve(null), { timeout: 1000 })),
    );
  const code = coming.get(page)!;
  await idle();
  do {
    await expect.poll(() => code.size).toBe(0);
    // What has come asks for more, or is shown.
    await idle();
  } while (code.size > 0);
}

/** Opens all that is folded up within. */
export async function unfold(within: Locator): Promise<void> {
  await whole(within.page());
  const folded = within.locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) await folded.first().click();
  await whole(within.page());
}

/** Value of the weight in the readout, and where the page says it comes from. */
export async function readoutOf(page: Page) {
  const value = page.getByTestId('readout').locator('.weight dd');
  return {
    value: Number(await value.textContent()),
    tensor: await value.getAttribute('data-tensor'),
    index: (await value.getAttribute('data-index'))!.split(', ').map(Number),
  };
}

/** How often the flow has been uncovered from now on, on a page that moves. */
export async function countReveals(page: Page): Promise<() => Promise<number>> {
  const reveals = await page.evaluateHandle(() => {
    const seen = { count: 0 };
    new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        const { classList } = target as Element;
        const began = classList.contains('playing') && !oldValue?.split(' ').includes('playing');
        if (classList.contains('reveal') && began) seen.count += 1;
      }
    }).observe(document, { subtree: true, attributeFilter: ['class'], attributeOldValue: true });
    return seen;
  });
  return () => reveals.evaluate(({ count }) => count);
}
