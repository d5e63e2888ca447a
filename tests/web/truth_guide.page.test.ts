/** The guide's numbers: whatever is seen of the tour's steps and of the article is what the package computes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from 'glassformer';
import type { Page } from 'playwright-core';
import { articleSections } from '../../web/src/guide/article.ts';
import { article as articleEn } from '../../web/src/guide/article.en.ts';
import { article as articleZh } from '../../web/src/guide/article.zh-CN.ts';
import { tour as tourEn } from '../../web/src/guide/tour.en.ts';
import { tour as tourZh } from '../../web/src/guide/tour.zh-CN.ts';
import { tourSteps } from '../../web/src/guide/tour.ts';
import { guideValueNames } from '../../web/src/guide/values.ts';
import { Site, whole } from './support/page.ts';
import { numbersOn } from './support/shown_numbers.ts';
import { Truth } from './support/truth.ts';
import { shows } from './support/walk.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

/** Which of the guide's values have been seen. */
const filled = new Set<string>();

async function look(page: Page, truth: Truth): Promise<void> {
  const { numbers } = await numbersOn(page);
  for (const { source, path } of numbers) if (source === 'guide') filled.add(path!);
  await truth.expectOn(page);
}

describe.each([
  ['stories', 'en-GB', tourEn, articleEn],
  ['tang', 'zh-CN', tourZh, articleZh],
] as const)('with %s, in %s', (name, locale, tour, article) => {
  test('every number at every step of the tour is true', async () => {
    const model = await load(new URL(`weights/${name}/`, root));
    const { page } = await site.visitReady('#tour=prediction&block=2&head=3', { locale });
    const truth = await Truth.on(page, model);
    for (const { id, state } of tourSteps) {
      await page.locator('#tour h2', { hasText: tour[id].title }).waitFor();
      if (state.operation) await shows(page, state.operation, state.vector);
      if (state.offer === 'topP') await page.locator('#tour .example button').click();
      // What is true of a draw is worked out from the address.
      await page.waitForFunction(
        (cut) => location.hash.includes('topp=') === cut,
        state.offer === 'topP',
      );
      await whole(page);
      await look(page, truth);
      await page.locator('#tour .primary').click();
    }
    await page.locator('#tour').waitFor({ state: 'detached' });
    expect(truth.sources.get('guide')).toBeGreaterThan(tourSteps.length);
    await model.dispose();
  });

  test('every number in the article is true', async () => {
    const model = await load(new URL(`weights/${name}/`, root));
    const { page } = await site.visitReady('', { locale });
    const truth = await Truth.on(page, model);
    await page.locator('.article summary').click();
    const { title } = article.sections[articleSections.at(-1)!.id];
    await page.getByRole('heading', { name: title }).waitFor();
    await look(page, truth);
    expect(truth.sources.get('guide')).toBeGreaterThan(10);
    await model.dispose();
  });
});

test('all values that the guide can be filled with have been seen there', () => {
  expect([...filled].sort()).toEqual([...guideValueNames].sort());
});
