import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ready, Site } from './support/page.ts';

const built = new URL('../../build/web/', import.meta.url).pathname;
/** As a person's browser has them; other tests do without. */
const kept = { serviceWorkers: 'allow' } as const;
const keptOffline = (page: Page, text = 'Ready for offline use') =>
  page.locator('[data-offline=kept]').filter({ hasText: text }).waitFor();
const tokens = (page: Page) => page.locator('[data-position]').count();
const keptFiles = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const stores = await Promise.all(names.map((name) => caches.open(name)));
    const keys = await Promise.all(stores.map((store) => store.keys()));
    return keys.flat().map(({ url }) => new URL(url).pathname);
  });

describe('after a first visit', () => {
  test.each([true, false])('with isolation: %s, the page works offline', async (isolated) => {
    const site = await Site.open([], { isolated });
    try {
      const { page, foreign, complaints } = await site.visitReady('#lang=en', kept);
      await keptOffline(page);
      // Only what is in use: one of the four modules, one of the two models.
      const files = await keptFiles(page);
      expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(1);
      expect(files.filter((file) => file.endsWith('.safetensors'))).toEqual([
        '/models/stories/model.safetensors',
      ]);

      await page.context().setOffline(true);
      await site.stopServing();
      await page.reload();
      await ready(page);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      await page.fill('#prompt', 'The cat sat');
      await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 3);
      await ready(page);
      await page.getByRole('button', { name: 'Generate a token' }).click();
      await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 4);
      await keptOffline(page);
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);

      // A model that was never used is not there, and that is said.
      await page.getByLabel('Model').first().selectOption('tang');
      await page.getByText('There seems to be no connection.').waitFor();
      expect(await tokens(page)).toBe(4);
    } finally {
      await site.close();
    }
  });

  test('a second model is kept once it is used', async () => {
    const site = await Site.open();
    try {
      const { page } = await site.visitReady('#lang=en', kept);
      await keptOffline(page);
      await page.getByLabel('Model').first().selectOption('tang');
      await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
      await page.waitForTimeout(100);
      await keptOffline(page);
      await site.stopServing();
      for (const model of ['stories', 'tang']) {
        await page.goto(`${site.url}#model=${model}`);
        await page.reload();
        await ready(page);
      }
      // The model's card is a link on the page.
      const card = page.getByRole('link', { name: 'Model card' });
      expect(
        await card.evaluate((link: HTMLAnchorElement) => fetch(link.href).then((r) => r.ok)),
      ).toBe(true);
    } finally {
      await site.close();
    }
  });
});

describe('a copy of the page', () => {
  let folder: string;
  let site: Site;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'glassformer-reach-'));
    cpSync(built, path.join(folder, 'web/below/a path'), { recursive: true });
    writeFileSync(path.join(folder, 'web/index.html'), '<title>Not ours</title>');
    site = await Site.open([], { folder: path.join(folder, 'web') });
  });
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true });
  });
  const file = (name: string) => path.join(folder, 'web/below/a path', name);
  const place = 'below/a%20path/';

  /** Publishes another version: a page that has its name, and a list that says so. */
  function publish(name: string): void {
    const before = readFileSync(file('index.html'));
    const mark = `<meta name="edition" content="${name}" /></head>`;
    const after = Buffer.from(before.toString().replace('</head>', mark));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const list = readFileSync(file('service_worker.js'), 'utf8');
    expect(list).toContain(hash(before));
    writeFileSync(file('index.html'), after);
    writeFileSync(file('service_worker.js'), list.replace(hash(before), hash(after)));
  }
  const editionOf = (page: Page) =>
    page.evaluate(() =>
      Array.from(document.querySelectorAll('meta[name=edition]')).at(-1)?.getAttribute('content'),
    );

  test('under any path keeps itself, and leaves the rest of the host alone', async () => {
    const { page } = await site.visitReady(place, kept);
    await keptOffline(page);
    expect(await page.evaluate(() => caches.keys())).toEqual(['glassformer-page /below/a%20path/']);
    await page.goto(site.url);
    expect(await page.title()).toBe('Not ours');
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBe(null);
  });

  test('offers a new version, and has it whole after a click', async () => {
    const { page } = await site.visitReady(`${place}#text=Hello`, kept);
    await keptOffline(page);
    publish('second');
    await page.reload();
    await ready(page);
    // Until the reader wants it, the page is the version before, also in a new tab.
    const offer = page.getByRole('status').filter({ hasText: 'A new version is here.' });
    await offer.waitFor();
    expect(await editionOf(page)).toBe(undefined);
    const other = await page.context().newPage();
    await other.goto(site.url + place);
    await ready(other);
    expect(await editionOf(other)).toBe(undefined);

    const count = (await keptFiles(page)).length;
    await offer.getByRole('button', { name: 'Reload' }).click();
    await page.waitForEvent('load');
    await ready(page);
    expect(await editionOf(page)).toBe('second');
    expect(await page.inputValue('#prompt')).toBe('Hello');
    await keptOffline(page);
    expect(await offer.count()).toBe(0);
    // What the version before had of its own is gone; what both have was not fetched again.
    expect(await keptFiles(page)).toHaveLength(count - 1);
    await other.getByText('A new version is here.').waitFor();
  });

  test('is not taken for new while its host gives files of two versions', async () => {
    const { page } = await site.visitReady(place, kept);
    await keptOffline(page);
    const before = await editionOf(page);
    publish('third');
    writeFileSync(file('index.html'), 'a file of yet another version');
    await page.evaluate(() =>
      navigator.serviceWorker.ready.then((r) => r.update().catch(() => {})),
    );
    await page.waitForTimeout(1000);
    expect(await page.getByText('A new version is here.').count()).toBe(0);
    await page.reload();
    await ready(page);
    expect(await editionOf(page)).toBe(before);
  });
});

describe('without room or leave to keep anything', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
  });
  afterAll(() => site.close());

  test('the page works online, and says so in one sentence', async () => {
    const visit = await site.visit('', kept, async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send('Storage.overrideQuotaForOrigin', {
        origin: new URL(site.url).origin,
        quotaSize: 2_000_000,
      });
    });
    await ready(visit.page);
    await visit.page.getByText('This browser has no room to keep the page').waitFor();
    await visit.page.getByRole('button', { name: 'Generate a token' }).click();
    await visit.page.waitForFunction(
      () => document.querySelectorAll('[data-position]').length === 11,
    );
    expect(visit.complaints).toEqual([]);
  });

  test('a browser that refuses service workers shows nothing of it', async () => {
    const { page, complaints } = await site.visitReady();
    await page.waitForTimeout(300);
    expect(await page.locator('.offline').textContent()).toMatch(/^\s*$/);
    expect(complaints).toEqual([]);
  });
});

test('the page can be installed', async () => {
  const site = await Site.open();
  try {
    const { page } = await site.visitReady('', kept);
    const session = await page.context().newCDPSession(page);
    const { errors } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A window that forgets everything offers no installation.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  } finally {
    await site.close();
  }
});
