/**
 * A walk over the whole page, as a person would take it. Whatever number is seen on the way names its
 * source, and is what the package computes under Node, to the digits that are printed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { stations } from '../../web/src/view/flow/stations.ts';
import { mapMeasures } from '../../web/src/view/head_map.ts';
import { identityIds } from '../../web/src/view/identities.ts';
import { idsOn, Site, waitForText } from './support/page.ts';
import { Truth } from './support/truth.ts';
import { shows, walkOperations } from './support/walk.ts';

const root = new URL('../../', import.meta.url);
let site: Site;
let models: Record<'stories' | 'tang', Model>;
beforeAll(async () => {
  site = await Site.open();
  const [stories, tang] = await Promise.all(
    ['stories', 'tang'].map((name) => load(new URL(`weights/${name}/`, root))),
  );
  models = { stories: stories!, tang: tang! };
});
afterAll(async () => {
  await models.stories.dispose();
  await models.tang.dispose();
  await site.close();
});

describe.each([
  ['stories', 'en-GB'],
  ['tang', 'zh-CN'],
] as const)('every number that is seen of %s', (name, locale) => {
  let page: Page;
  let truth: Truth;
  beforeAll(async () => {
    ({ page } = await site.visitReady('', { locale }));
    truth = await Truth.on(page, models[name]);
  });
  afterAll(() => page.context().close());

  const go = async (block: number, head: number, position: number) => {
    await page.locator(`[role=gridcell][data-block="${block}"][data-head="${head}"]`).click();
    await page.locator(`[data-position="${position}"]`).click();
  };

  const places = [
    [0, 0],
    [0, 4],
    [5, 0],
    [5, 4],
  ] as const;
  test.each(places)('in block %d, head %d, of all operations', async (block, head) => {
    const count = (await idsOn(page)).length;
    // In the second language one place is as good as four.
    const positions = name === 'stories' ? [0, count >> 1, count - 1] : [count - 1];
    for (const position of positions) {
      await go(block, head, position);
      await walkOperations(page, truth);
    }
    expect(truth.compared).toBeGreaterThan(1000);
  });

  test('in all tables, sums and matrices that can be opened', async () => {
    await go(3, 1, 2);
    const before = truth.compared;
    await walkOperations(page, truth, { open: true });
    expect(truth.compared - before).toBeGreaterThan(10_000);
  });

  test('in the flow, by keyboard', async () => {
    const stage = page.locator('.flow [role=application]');
    await stage.focus();
    await page.keyboard.press('Home');
    for (let step = 0; step < stations.length; step += 1) {
      await page.locator('.flow .readout b').waitFor();
      await truth.expectOn(page);
      if (step % 3 === 1) await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('Escape');
  });

  test('on the map of heads, by every measure', async () => {
    for (const [place, measure] of mapMeasures.entries()) {
      await page.locator('.measures button').nth(place).click();
      if (measure !== 'pattern') await page.locator(`[data-path^="${measure}."]`).waitFor();
      await page.locator('[role=gridcell]').nth(20).hover();
      await truth.expectOn(page);
      await page.locator('.compact [role=slider]').hover();
      await truth.expectOn(page);
    }
    await page.locator('.measures button').first().click();
  });

  test('among the candidates, however the next token is sampled', async () => {
    const more = page.getByRole('button', { name: /^(Show more|显示更多|更多)$/ });
    if ((await more.count()) > 0) await more.click();
    const sliders = page.locator('fieldset input[type=range]');
    const change = async (place: number, value: string, said: RegExp) => {
      await sliders.nth(place).fill(value);
      await page.waitForFunction((pattern) => new RegExp(pattern).test(location.hash), said.source);
    };
    const stages = ['temperature', 'topK', 'topP', 'sampling'] as const;
    for (const [place, value, said] of [
      [0, '1.3', /temperature=1\.3/],
      [1, '30', /topk=\d/],
      [2, '0.7', /topp=0\.7/],
    ] as const) {
      await change(place, value, said);
      await walkOperations(page, truth, { operations: stages });
      await page.locator('[data-focus=candidates] .probability button').nth(1).click();
      await page.getByTestId('tempered').waitFor();
      await truth.expectOn(page);
    }
    await page.locator('fieldset input[type=checkbox]').check();
    await page.waitForFunction(() => location.hash.includes('greedy=1'));
    await walkOperations(page, truth, { operations: stages });
  });
});

describe('every number that comes when it is asked for', () => {
  test('is true of the checks that the page makes of itself', async () => {
    const { page } = await site.visitReady();
    const truth = await Truth.on(page, models.stories, { untouched: true });
    await page.locator('[data-focus=truth]').scrollIntoViewIfNeeded();
    await page.locator('[data-identity]').first().waitFor({ timeout: 40_000 });
    await truth.expectOn(page);
    // A verdict, and four numbers of each.
    expect(truth.sources.get('truth')).toBeGreaterThan(3 * identityIds.length);
  });

  test('is true of tokens that are searched for, here and in the editor of one', async () => {
    const { page } = await site.visitReady();
    const truth = await Truth.on(page, models.stories);
    for (const query of ['girl', 'a', '#4094']) {
      await page.locator('[data-focus=candidates] [type=search]').fill(query);
      await page.locator(`[data-source=found][data-path="${query}"]`, { hasText: /\d/ }).waitFor();
      await truth.expectOn(page);
    }
    await page.locator('[data-position="4"]').dblclick();
    await page.locator('[data-testid=editor] .numbers').first().waitFor();
    await truth.expectOn(page);
    await page.locator('[data-testid=editor] [type=search]').fill('and');
    await page.locator('[data-source=found][data-path="and"]', { hasText: /\d/ }).waitFor();
    await truth.expectOn(page);
    expect(truth.sources.get('found')).toBe(6);
    const before = await page.inputValue('#prompt');
    await page.keyboard.press('Enter');
    await page.locator('.actions .unseen', { hasText: 'Position 4 is now' }).waitFor();
    await waitForText(page);
    await (await Truth.on(page, models.stories, { before })).expectOn(page);
  });

  test('is true of what a longer text takes over, and of one that is too long', async () => {
    const { page } = await site.visitReady();
    const before = await page.inputValue('#prompt');
    await page.fill('#prompt', `${before} who`);
    await waitForText(page);
    await page.locator('[data-source=reused]').waitFor();
    const truth = await Truth.on(page, models.stories, { before });
    await truth.expectOn(page);
    expect(truth.sources.get('reused')).toBe(1);

    await page.fill('#prompt', 'The dog ran. '.repeat(100));
    await page.getByRole('button', { name: 'Keep the first 256 tokens' }).waitFor();
    await truth.expectOn(page);
  });

  test('is true of the models to choose from, and of what can be saved', async () => {
    const { page } = await site.visitReady('#model=openai-community/gpt2');
    const truth = await Truth.on(page, models.stories);
    await page.locator('.notice strong', { hasText: /549/ }).waitFor();
    await truth.expectOn(page);
    await page.locator('.inspector select').selectOption('queryKeyValue');
    await shows(page, 'queryKeyValue');
    const menus = page.locator('.export > button');
    for (const menu of await menus.all()) {
      await menu.click();
      await page.locator('.export .row').first().waitFor();
      await truth.expectOn(page);
      await page.keyboard.press('Escape');
      await page.locator('.export .row').first().waitFor({ state: 'detached' });
    }
    await page.getByLabel('Model').first().selectOption('Another model…');
    await page.locator('[data-model]').first().waitFor();
    await truth.expectOn(page);
    await page.getByLabel('8 bits').check();
    await page.getByText('about 136.9 MB in memory').waitFor();
    await truth.expectOn(page);
    // Of six models each its parameters, its size and what it takes, twice; and of three in the list.
    expect(truth.sources.get('download')).toBeGreaterThan(2 * 6 * 3);
    expect(truth.sources.get('shape')).toBeGreaterThan(10);
  });

  test('is true of more terms, and of the file of all activations', async () => {
    const { page } = await site.visitReady('#why=blocks.1.hook_mlp_out:3,17');
    const truth = await Truth.on(page, models.stories);
    await page.getByRole('button', { name: 'More terms' }).click();
    await page.getByRole('button', { name: 'Fewer terms' }).waitFor();
    await page.getByRole('button', { name: 'Save all activations of this text' }).click();
    await page.locator('footer [role=status][data-source]', { hasText: /\d/ }).waitFor();
    await truth.expectOn(page);
  });
});
