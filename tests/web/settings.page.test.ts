import violationsOn from './support/axe.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idsOn, overflow, ready, Site, unfold, waitForText, whole } from './support/page.ts';

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

describe('a reader of Chinese', () => {
  test('gets the page in Chinese, and the model that writes it', async () => {
    const { page, complaints } = await site.visitReady('', { locale: 'zh-CN' });
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.title()).toContain('看得透的');
    expect(await page.inputValue('#prompt')).toBe('白日依山尽，');
    await page.getByRole('button', { name: '生成一个词元' }).click();
    await page.waitForFunction(() => document.querySelector('textarea')!.value.length > 6);
    expect(complaints).toEqual([]);
  });

  test('can take the other model, and has it after a reload', async () => {
    const { page } = await site.visitReady('', { locale: 'zh-CN' });
    await page.getByLabel('模型').first().selectOption('stories');
    await page.waitForURL(/model=stories/);
    await page.waitForFunction(() => document.querySelector('textarea')!.value.startsWith('Once'));
    await page.reload();
    await ready(page);
    expect(await page.inputValue('#prompt')).toMatch(/^Once/);
    await page.goto(site.url);
    await page.reload();
    await ready(page);
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.inputValue('#prompt')).toMatch(/^Once/);
  });
});

describe('the language', () => {
  test('changes every word, brings its model along, and stays', async () => {
    const { page } = await site.visitReady();
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.waitForFunction(() => document.querySelector('textarea')!.value.startsWith('白日'));
    await page.getByRole('heading', { name: '看得透的 Transformer' }).waitFor();
    await page.reload();
    await ready(page);
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
  });

  test.each(['mlpUp', 'scores', 'unembedding', 'topP', 'tokenization'])(
    'leaves no English sentence behind: %s',
    async (operation) => {
      const hash = `#lang=zh-CN&op=${operation}&tour=softmax`;
      const { page } = await site.visitReady(hash, { locale: 'zh-CN' });
      await page.locator('#tour h2').waitFor();
      await page.locator('[data-focus=truth]').scrollIntoViewIfNeeded();
      await page.locator('[data-identity]').first().waitFor({ timeout: 40_000 });
      await unfold(page.locator('body'));
      for (const save of await page.locator('.export > button').all()) await save.click();
      await page.getByLabel('模型').first().selectOption('openai-community/gpt2');
      await page.getByRole('dialog').waitFor();
      await whole(page);
      const words = await page.evaluate(() => {
        // Names, formulas, the reader's text and works in English stay what they are.
        const apart =
          'code, math, cite, [lang=en], .token, #prompt, .examples, option, noscript, script, style';
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found: string[] = [];
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (!node.parentElement!.closest(apart)) found.push(node.textContent!);
        }
        for (const element of document.querySelectorAll('[title], [aria-label], [placeholder]')) {
          if (element.closest(apart)) continue;
          for (const name of ['title', 'aria-label', 'placeholder']) {
            found.push(element.getAttribute(name) ?? '');
          }
        }
        return found;
      });
      expect(words.length).toBeGreaterThan(300);
      // Hugging Face Hub is a name.
      const english = words.filter((text) => /\b[a-z]{2,} [a-z]{2,} (?!Hub)[a-z]{2,}/i.test(text));
      expect(english).toEqual([]);
    },
  );

  test('changes the words of what had been opened before, too', async () => {
    const { page } = await site.visitReady('#op=gelu');
    await page.getByRole('img', { name: 'The gelu curve' }).waitFor();
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('img', { name: 'gelu 曲线' }).waitFor();
  });

  test('is English where the words of the wanted one cannot be had', async () => {
    const { page } = await site.visit('', { locale: 'zh-CN' }, (opened) =>
      opened.route(/\/zh-CN-/, (route) => route.abort()),
    );
    await ready(page);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.getByRole('heading', { name: 'A transformer you can see through' }).waitFor();
    await page.unroute(/\/zh-CN-/);
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('heading', { name: '看得透的 Transformer' }).waitFor();
  });

  test('leaves the model alone once the person has written something', async () => {
    const { page } = await site.visitReady();
    await page.fill('#prompt', 'My own words');
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('button', { name: 'Switch to English' }).waitFor();
    await page.waitForTimeout(500);
    expect(await page.inputValue('#prompt')).toBe('My own words');
    expect(await page.locator('header select').first().inputValue()).toBe('stories');
  });

  test('of the address comes before that of the browser', async () => {
    const { page } = await site.visitReady('#lang=zh');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
  });
});

test('one’s own text stays when the model changes, and is read anew', async () => {
  const { page } = await site.visitReady();
  await page.fill('#prompt', 'The moon 月');
  // The character in the end has three bytes, each of them a token.
  await page.locator('[data-position] .piece', { hasText: '⟨E6' }).waitFor();
  const before = await idsOn(page);
  await page.getByLabel('Model').first().selectOption('tang');
  await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
  await page.waitForFunction(
    (count) => document.querySelectorAll('[data-position]').length !== count,
    before.length,
  );
  expect(await page.inputValue('#prompt')).toBe('The moon 月');
});

test('the theme follows the system until one is chosen, and then stays', async () => {
  const { page } = await site.visitReady('', { colorScheme: 'dark' });
  const theme = () => page.getAttribute('html', 'data-theme');
  expect(await theme()).toBe('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
  await page.getByLabel('Colours').selectOption('dark');
  expect(await theme()).toBe('dark');
  await page.reload();
  await ready(page);
  expect(await theme()).toBe('dark');
});

const readers = [
  { name: 'light, English', colorScheme: 'light', locale: 'en-GB' },
  { name: 'dark, English', colorScheme: 'dark', locale: 'en-GB' },
  { name: 'light, Chinese', colorScheme: 'light', locale: 'zh-CN' },
  { name: 'dark, Chinese', colorScheme: 'dark', locale: 'zh-CN' },
] as const;

describe.each(readers)('in $name', ({ colorScheme, locale }) => {
  test.each([
    [1440, 900],
    [360, 740],
  ])('at %d x %d, axe finds nothing to mend', async (width, height) => {
    const { page } = await site.visitReady('#topk=3&query=4', {
      colorScheme,
      locale,
      viewport: { width, height },
    });
    await unfold(page.locator('main'));
    await page.locator('.measures button').last().click();
    await page.locator('[data-source=map]').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
  });
});

describe('on a phone', () => {
  test.each([320, 360, 390, 768, 1024])(
    'of %d pixels, nothing lies beyond the edge',
    async (width) => {
      const { page } = await site.visitReady('', {
        viewport: { width, height: 780 },
        hasTouch: true,
      });
      for (const text of ['The', 'Once upon a time there was a king. '.repeat(12).trim()]) {
        await page.fill('#prompt', text);
        await waitForText(page);
        await whole(page);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
      }
    },
  );

  test('generating is always within reach', async () => {
    const { page } = await site.visitReady('', {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
    });
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.getByRole('button', { name: 'Generate a token' }).tap();
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 11);
  });

  test('a finger reads a weight', async () => {
    const { page } = await site.visitReady('', {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
    });
    await page.locator('.plot canvas').tap({ position: { x: 10, y: 150 } });
    await expect
      .poll(() => page.getByTestId('readout').locator('dd[data-tensor]').getAttribute('data-index'))
      .toMatch(/^0, [5-9], 0$/);
  });
});

describe('a role keeps one hue', () => {
  test.each(['light', 'dark'] as const)('in the %s theme, wherever it is named', async (theme) => {
    const { page } = await site.visitReady('#op=scores&block=1', { colorScheme: theme });
    await page.locator('.inspector math').first().waitFor();
    const colours = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((elements) => elements.map((each) => getComputedStyle(each).color));
    const inkOf = (role: string) =>
      page.evaluate((name) => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = `var(--${name})`;
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
      }, role);
    for (const role of ['query', 'key']) {
      const ink = await inkOf(role);
      const shown = await colours(
        `.inspector math .${role}, .readout .${role} dd, .flow .column.${role}`,
      );
      expect(shown.length).toBeGreaterThan(1);
      expect(new Set(shown)).toEqual(new Set([ink]));
    }
  });
});

test('who asks for less motion sees none that lasts', async () => {
  const { page } = await site.visitReady('#op=scores');
  const longest = () =>
    page.evaluate(() =>
      Math.max(
        0,
        ...document
          .getAnimations()
          .map((each) => Number(each.effect!.getComputedTiming().duration) || 0),
      ),
    );
  const deeds: (() => Promise<unknown>)[] = [
    () => page.getByRole('button', { name: /Take the tour/ }).click(),
    () => page.locator('#tour').getByRole('button', { name: 'Next' }).click(),
    () => page.getByRole('button', { name: 'Generate a token' }).click(),
    () => page.getByRole('button', { name: 'Next operation' }).click(),
    () => page.getByRole('button', { name: 'Replay' }).click(),
  ];
  for (const deed of deeds) {
    await deed();
    expect(await longest()).toBeLessThanOrEqual(1);
  }
});

test('on a phone every part answers to taps, and nothing lies beyond the edge', async () => {
  const viewport = { width: 360, height: 740 };
  const { page } = await site.visitReady('', { viewport, hasTouch: true });
  const journey = page.locator('.flow');
  await page.locator('[data-position="3"]').tap();
  await expect
    .poll(() => page.locator('[data-position="3"]').getAttribute('class'))
    .toMatch(/query/);
  await journey.getByRole('button', { name: 'Next block' }).first().tap();
  await journey.getByRole('button', { name: 'Next head' }).first().tap();
  await page.waitForURL(/block=1.*head=1/);
  const why = page.getByTestId('why');
  for (const [station, tensor] of [
    ['up', 'mlp.hook_pre'],
    ['gelu', 'mlp.hook_post'],
    ['down', 'hook_mlp_out'],
  ] as const) {
    await journey.locator('li button', { has: page.getByText(station, { exact: true }) }).tap();
    await why.locator(`.number-shown[data-tensor="blocks.1.${tensor}"]`).waitFor();
    await whole(page);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
  }
  const shown = await why.locator('.number-shown').textContent();
  await why.locator('button.number').first().tap();
  await why.getByRole('button', { name: /Back/ }).tap();
  await expect.poll(() => why.locator('.number-shown').textContent()).toBe(shown);
  const count = (await idsOn(page)).length;
  await page.getByRole('button', { name: 'Generate a token' }).tap();
  await expect.poll(async () => (await idsOn(page)).length).toBe(count + 1);
  await page.getByPlaceholder('Any token: text or id').fill('bear');
  await page.getByPlaceholder('Any token: text or id').press('Enter');
  await expect.poll(async () => (await idsOn(page)).length).toBe(count + 2);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
});

test('with forced colours, what is chosen is outlined, and colours that say a number stay', async () => {
  const { page } = await site.visitReady('#op=scores', { forcedColors: 'active' });
  const style = (selector: string, property: 'outlineStyle' | 'boxShadow' | 'backgroundImage') =>
    page
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element)[name], property);
  expect(await style('[data-position][aria-pressed=true]', 'outlineStyle')).toBe('solid');
  expect(await style('[role=gridcell][aria-selected=true]', 'outlineStyle')).toBe('solid');
  expect(await style('.compact .mark.on', 'boxShadow')).not.toBe('none');
  expect(await style('[data-testid=flow-legend] i', 'backgroundImage')).toContain('gradient');
  const bar = page.locator('.chance span').nth(1);
  expect(await bar.evaluate((element) => getComputedStyle(element).backgroundColor)).not.toMatch(
    /rgba\(0, 0, 0, 0\)|rgb\(255, 255, 255\)/,
  );
  await whole(page);
  expect(await violationsOn(page)).toEqual([]);
});
