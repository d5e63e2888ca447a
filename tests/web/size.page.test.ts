import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstVisit, pageSize } from '../../tools/bench/report/sizes.mjs';
import { ready, Site } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

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
