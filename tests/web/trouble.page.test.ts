import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import violationsOn from './support/axe.ts';
import { idsOn, ready, Site, waitForTokens } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const weights = '**/models/stories/model.safetensors';
const respond = (pattern: string, answer: (route: Route) => Promise<void>) => (page: Page) =>
  page.context().route(pattern, answer);

async function truncated(route: Route) {
  const response = await route.fetch();
  await route.fulfill({ status: 200, body: (await response.body()).subarray(0, 100_000) });
}

describe('a model that cannot be loaded', () => {
  test.each([
    ['is missing', weights, (route: Route) => route.fulfill({ status: 404 }), 'model.safetensors'],
    ['is cut short', weights, truncated, 'model.safetensors'],
    ['is not reached', weights, (route: Route) => route.abort(), 'model.safetensors'],
    [
      'has a broken config',
      '**/models/stories/config.json',
      (route: Route) => route.fulfill({ body: '{"n_layer": -3}' }),
      'config',
    ],
  ] as const)(
    'because it %s says what is wrong, and can be tried again',
    async (_, pattern, answer, named) => {
      const { page } = await site.visit('', {}, respond(pattern, answer));
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('Stories could not be loaded.');
      expect(await alert.textContent()).toContain(named);
      await page.context().unroute(pattern);
      await page.getByRole('button', { name: 'Try again' }).click();
      await ready(page);
      expect(await alert.count()).toBe(0);
      await page.context().close();
    },
  );

  test('leaves the one before it in use', async () => {
    const { page } = await site.visitReady();
    await page.context().route('**/models/tang/**', (route) => route.fulfill({ status: 500 }));
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByText('Stories is still in use.').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 11);
    await page.context().unroute('**/models/tang/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
  });

  test('for want of a connection says so', async () => {
    const { page } = await site.visitReady();
    await page.context().setOffline(true);
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByText('There seems to be no connection.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
  });
});

describe('a text with a character that the model has no token for', () => {
  test('is refused by that character, and what was there stays', async () => {
    const { page, complaints } = await site.visitReady('#model=nano');
    await page.fill('#prompt', 'CADB=é');
    await page.getByText('This model has no token for é').waitFor();
    expect(await page.getByRole('button', { name: 'Generate a token' }).isDisabled()).toBe(true);
    expect(await idsOn(page)).toEqual([2, 0, 3, 1, 26]);
    await page.fill('#prompt', 'CADB=A');
    await waitForTokens(page, 6);
    expect(await page.getByText('This model has no token').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('may come from another model', async () => {
    const { page, complaints } = await site.visitReady('#model=nano');
    await page.getByLabel('Model').first().selectOption('stories');
    await page.getByTestId('count').filter({ hasText: 'of 256 tokens' }).waitFor();
    await page.fill('#prompt', 'Once more');
    await page.getByLabel('Model').first().selectOption('nano');
    await page.getByText('This model has no token for n').waitFor();
    await page.getByRole('button', { name: 'GLASS=' }).click();
    await waitForTokens(page, 6);
    expect(complaints).toEqual([]);
  });
});

describe('a download', () => {
  /** Holds the weights back until told to let go. */
  function gate() {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const hold = async (route: Route) => {
      await opened;
      await route.continue().catch(() => {});
    };
    return { open, hold };
  }

  test('shows that it goes on, and how far', async () => {
    const { open, hold } = gate();
    const { page } = await site.visit('', {}, respond(weights, hold));
    await page.getByRole('progressbar', { name: 'Loading Stories' }).waitFor();
    await page.getByText(/of 7\.1 MB · \d+%/).waitFor();
    open();
    await ready(page);
    expect(await page.getByRole('progressbar').count()).toBe(0);
  });

  test('can be cancelled and taken up again', async () => {
    const { open, hold } = gate();
    const { page, complaints } = await site.visit('', {}, respond(weights, hold));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Loading Stories was cancelled.').waitFor();
    open();
    await page.context().unroute(weights);
    await page.getByRole('button', { name: 'Load it' }).click();
    await ready(page);
    expect(complaints).toEqual([]);
  });

  test('of another model is given up for a third choice', async () => {
    const { page } = await site.visitReady();
    const { open, hold } = gate();
    await page.context().route('**/models/tang/model.safetensors', hold);
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByRole('progressbar').waitFor();
    await page.getByLabel('Model').first().selectOption('stories');
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    open();
    await page.waitForTimeout(500);
    expect(await page.getByTestId('count').textContent()).toContain('of 256');
  });
});

describe('the built page', () => {
  test('asks no other host, and complains of nothing', async () => {
    const { page, complaints, foreign } = await site.visitReady();
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('forbids itself inline scripts, inline styles and eval', async () => {
    const { page, complaints } = await site.visitReady();
    const policy = await page.getAttribute('meta[http-equiv=Content-Security-Policy]', 'content');
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain("'unsafe-eval'");
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruder = true';
      document.head.append(script);
    });
    expect(await page.evaluate(() => 'intruder' in window)).toBe(false);
    await expect.poll(() => complaints.join()).toContain('Content Security Policy');
  });

  test('lies under any path', async () => {
    const { page } = await site.visit();
    const addresses = await page
      .locator('script[src], link[href]')
      .evaluateAll((list) =>
        list.map((element) => element.getAttribute('src') ?? element.getAttribute('href')),
      );
    for (const address of addresses) expect(address).toMatch(/^\.\//);
  });
});
