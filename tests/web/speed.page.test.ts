import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstVisit, pageSize } from '../../tools/bench/report/sizes.mjs';
import { ready, Site, waitForText, waitForTokens } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

/**
 * Longest time that anything may hold the page up, in milliseconds: four times what the page is made
 * for, because the machine that tests it has other work.
 */
const longest = 200;

test('typing, pointing and generating never hold the page up', async () => {
  const { page } = await site.visitReady();
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask' });
  });
  await page.fill('#prompt', '');
  await page
    .locator('#prompt')
    .pressSequentially('The king had three sons. '.repeat(11).trim(), { delay: 1 });
  await waitForText(page);
  const box = (await page.locator('.plot canvas').boundingBox())!;
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.move(box.x + 4 + step, box.y + box.height - 4 - step);
  }
  const count = await page.locator('[data-position]').count();
  expect(count).toBeGreaterThan(60);
  await page.keyboard.press('Control+Enter');
  await waitForTokens(page, count + 1);
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  expect(tasks.filter((task) => task > longest)).toEqual([]);
});

test('the first picture is there within a second of a warm server, or five on a busy machine', async () => {
  const { page } = await site.visitReady();
  const shown = await page.evaluate(() => performance.now());
  expect(shown).toBeLessThan(5000);
});

test('a first visit fetches what its weight is counted from: 300 kB at most', async () => {
  const fetched = new Set<string>();
  const { page } = await site.visit('', {}, (opened) => {
    opened.context().on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      if (origin === new URL(site.url).origin) fetched.add(pathname.slice(1) || 'index.html');
    });
    return Promise.resolve();
  });
  await ready(page);
  await page.waitForLoadState('networkidle');
  const code = [...fetched].filter((name) => !/^models\/|\.png$/.test(name));
  const isModule = (name: string) => name.endsWith('.wasm');
  expect(code.filter(isModule)).toHaveLength(1);
  const counted = firstVisit('build/web');
  // The browser asks for the manifest when it likes.
  expect(counted).toEqual(expect.arrayContaining(code.filter((name) => !isModule(name))));
  expect(pageSize('build/web')).toBeLessThanOrEqual(300_000);
});
