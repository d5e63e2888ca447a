// "Is it true?": the identities of the run on screen, checked by the page itself.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { identityIds } from '../../web/src/view/identities.ts';
import violationsOn from './support/axe.ts';
import { numberIn } from './support/numbers.ts';
import { overflow, Site, waitForTokens } from './support/page.ts';

let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

const panel = (page: Page) => page.locator('[data-focus=truth]');
const rows = (page: Page) => panel(page).locator('[data-identity]');

/** It begins when somebody comes near it; two cores may be busy with others. */
async function checked(page: Page) {
  await panel(page).scrollIntoViewIfNeeded();
  await rows(page).first().waitFor({ timeout: 40_000 });
}

const verdicts = (page: Page) =>
  rows(page).evaluateAll((elements) =>
    elements.map((row) => [
      (row as HTMLElement).dataset.identity,
      (row as HTMLElement).dataset.verdict,
    ]),
  );

const allRight = identityIds.map((id) => [id, 'right']);

describe('the truth panel', () => {
  test.each([
    ['light', 'en-GB', 1440, 900],
    ['dark', 'zh-CN', 390, 844],
  ] as const)(
    'in %s, %s: by itself finds that all holds, and axe nothing to mend',
    async (colorScheme, locale, width, height) => {
      const options = { colorScheme, locale, viewport: { width, height } };
      const { page, complaints } = await site.visitReady('', options);
      await checked(page);
      expect(await verdicts(page)).toEqual(allRight);
      expect(await violationsOn(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
    },
  );

  test('says by how much at most, and no error is beyond what is allowed', async () => {
    const { page } = await site.visitReady();
    await checked(page);
    const cells = await rows(page).evaluateAll((elements) =>
      elements.map((row) =>
        Array.from(row.querySelectorAll('.number-cell'), (cell) => cell.lastChild!.textContent!),
      ),
    );
    expect(cells).toHaveLength(identityIds.length);
    for (const [, error, allowed] of cells as [string, string, string, string][]) {
      const limit = allowed.trim() === 'to the last bit' ? 0 : numberIn(allowed);
      expect(numberIn(error)).toBeLessThanOrEqual(limit);
    }
  });

  test('leads to the number where the error is worst', async () => {
    const { page } = await site.visitReady();
    await checked(page);
    const place = panel(page).locator('[data-identity=mix] button');
    const name = await place.textContent();
    await place.click();
    await page.getByTestId('why').locator('.name', { hasText: name!.trim() }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'why-title');
  });

  test('checks the new text, and only that', async () => {
    const { page } = await site.visitReady();
    await checked(page);
    await page.fill('#prompt', 'A');
    await waitForTokens(page, 1);
    await page.waitForFunction(
      () =>
        document.querySelector<HTMLElement>('[data-identity=causal]')?.dataset.verdict ===
        'skipped',
    );
    const skipped = (await verdicts(page)).filter(([, verdict]) => verdict !== 'right');
    expect(skipped).toEqual([
      ['causal', 'skipped'],
      ['cache', 'skipped'],
    ]);
  });

  test('waits to be asked where the text is long, and can be stopped', async () => {
    const { page } = await site.visitReady();
    await page.fill('#prompt', ' the'.repeat(200));
    await waitForTokens(page, 200);
    await panel(page).scrollIntoViewIfNeeded();
    await page.waitForTimeout(1500);
    expect(await rows(page).count()).toBe(0);
    await panel(page).getByRole('button', { name: 'Check this text' }).click();
    await panel(page).getByRole('button', { name: 'Stop' }).click();
    await panel(page).getByRole('button', { name: 'Check this text' }).click();
    await checked(page);
    expect(await verdicts(page)).toEqual(allRight);
  });

  test('leaves the next token its cache', async () => {
    const { page } = await site.visitReady();
    await checked(page);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.getByText('rows. Computed now: 1.').waitFor();
  });
});
