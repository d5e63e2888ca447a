import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstVisit, pageSize } from '../../tools/bench/report/sizes.mjs';
import { ready, Site } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const languages = [
  { locale: 'en-GB', language: 'en' },
  { locale: 'zh-CN', language: 'zh-CN' },
];
const title = 'a first visit in $locale fetches what its weight is counted from: 300 kB at most';

test.each(languages)(title, async ({ locale, language }) => {
  const fetched = new Set<string>();
  const { page } = await site.visit('', { locale }, (opened) => {
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
  const counted = firstVisit('build/web', language);
  // The browser asks for the manifest when it likes.
  expect(counted).toEqual(expect.arrayContaining(code.filter((name) => !isModule(name))));
  expect(pageSize('build/web', language)).toBeLessThanOrEqual(300_000);
});
