/** The same walk elsewhere: on a phone, with weights of 8 bits, with the smallest model. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from 'glassformer';
import { numbersOn } from './support/shown_numbers.ts';
import { Site } from './support/page.ts';
import { Truth } from './support/truth.ts';
import { walkOperations } from './support/walk.ts';

const weights = new URL('../../weights/', import.meta.url);
let site: Site;
beforeAll(async () => void (site = await Site.open()));
afterAll(() => site.close());

test('on a phone every number is true, of all operations and along the way of a token', async () => {
  const model = await load(new URL('tang/', weights));
  const { page } = await site.visitReady('#block=4&head=2', {
    locale: 'zh-CN',
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { open: true });
  await page.locator('[data-position="1"]').tap();
  const strips = page.locator('.flow .way li > button');
  const count = await strips.count();
  expect(count).toBeGreaterThan(15);
  for (let place = 0; place < count; place += 1) {
    await strips.nth(place).tap();
    // The number is said beneath its strip, and explained below.
    const said = strips.nth(place).locator('xpath=..').locator('.readout [data-exact]');
    const name = (await said.getAttribute('data-tensor'))!;
    const index = (await said.getAttribute('data-index'))!;
    const shown = `.number-shown[data-tensor="${name}"][data-index="${index}"]`;
    await page.getByTestId('why').locator(shown).waitFor();
    await truth.expectOn(page);
  }
  expect(truth.compared).toBeGreaterThan(10_000);
  await model.dispose();
});

test('with weights of 8 bits every number is true of those weights', async () => {
  const model = await load(new URL('stories/', weights), { dtype: 'q8', threads: 1 });
  const { page } = await site.visitReady('#model=stories&dtype=q8&block=2&head=5');
  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { open: true });
  expect(truth.compared).toBeGreaterThan(10_000);
  // They are others than the model's own.
  const { numbers } = await numbersOn(page);
  expect(numbers.find(({ path }) => path === 'dtype')?.text).toContain('8');
  await model.dispose();
});

test('of the smallest model every number is true', async () => {
  const model = await load(new URL('nano/', weights));
  const { page } = await site.visitReady('#model=nano');
  const truth = await Truth.on(page, model);
  await walkOperations(page, truth, { open: true });
  expect(truth.compared).toBeGreaterThan(3000);
  await model.dispose();
});
