// What the page looks like, beside reference pictures. A change that is meant to be seen renews them:
// npm run pictures
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { Site, whole } from './support/page.ts';
import { comparePicture, writeFontSettings } from './support/pictures.ts';

let site: Site;
beforeAll(async () => {
  process.env.FONTCONFIG_FILE = writeFontSettings();
  site = await Site.open(['--font-render-hinting=none', '--disable-lcd-text']);
});
afterAll(() => site.close());

const light: BrowserContextOptions = { colorScheme: 'light', locale: 'en-GB' };
const dark: BrowserContextOptions = { colorScheme: 'dark', locale: 'en-GB' };
const lightZh: BrowserContextOptions = { colorScheme: 'light', locale: 'zh-CN' };
const darkZh: BrowserContextOptions = { colorScheme: 'dark', locale: 'zh-CN' };
const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** The truth panel's check of the run has ended. */
async function checked(page: Page) {
  await page.locator('.truth').scrollIntoViewIfNeeded();
  await page.locator('[data-identity]').first().waitFor({ timeout: 50_000 });
}

/** What is folded up under these words has been unfolded, and shows this. */
async function opened(page: Page, words: string, shown: string, within = '.inspector') {
  await page.locator(`${within} summary`, { hasText: words }).first().click();
  await page.locator(shown).waitFor();
}

/** `part`: an element, where the picture is not of the window. `ready`: when it shows what it is to. */
interface Picture {
  name: string;
  hash?: string;
  options: BrowserContextOptions;
  part?: string;
  ready?: (page: Page) => Promise<unknown>;
}

const pictures: Picture[] = [
  { name: 'first-light', options: { ...light, ...desk } },
  { name: 'first-dark-zh', options: { ...darkZh, ...desk } },
  { name: 'first-zh', options: { ...lightZh, ...desk } },
  { name: 'first-dark', options: { ...dark, ...desk } },
  { name: 'first-phone', options: { ...light, ...phone } },
  { name: 'first-phone-dark-zh', options: { ...darkZh, ...phone } },
  {
    name: 'flow-phone-dark-zh',
    // So high that nothing lies in front of it.
    options: { ...darkZh, ...phone, viewport: { width: 390, height: 2200 } },
    part: '.flow',
  },
  {
    name: 'head-map',
    hash: '#map=contribution',
    options: { ...light, ...desk },
    part: '[data-focus=map]',
  },
  {
    name: 'scores',
    hash: '#op=scores&block=3&head=1',
    options: { ...light, ...desk },
    part: '.inspector',
    ready: (page) => page.getByTestId('sum').waitFor(),
  },
  {
    name: 'weighted-sum-dark-zh',
    hash: '#op=weightedSum&block=3&head=1',
    options: { ...darkZh, ...desk },
    part: '.inspector',
  },
  {
    name: 'weight',
    hash: '#op=queryKeyValue&block=2&head=3',
    options: { ...light, ...desk },
    part: '.inspector details:has(.parts)',
    ready: (page) => opened(page, 'h.2.attn.c_attn.weight', '.parts'),
  },
  {
    name: 'logit-lens-dark',
    hash: '#op=unembedding',
    options: { ...dark, ...desk },
    part: 'details.lens',
    ready: async (page) => {
      await opened(page, 'What each block', '.lens table');
      // What stays while the rest scrolls is drawn apart, now on this row of pixels, now on the next.
      await page.locator('.lens th').evaluateAll((names) => {
        for (const name of names) (name as HTMLElement).style.position = 'static';
      });
    },
  },
  {
    name: 'models-zh',
    options: { ...lightZh, ...desk },
    part: 'dialog[open]',
    ready: async (page) => {
      await page.getByLabel('模型').first().selectOption({ label: '其他模型…' });
      await page.locator('dialog[open]').waitFor();
    },
  },
  {
    name: 'article-dark',
    options: { ...dark, ...desk },
    part: '.article article section',
    // What stands above it has grown to its size.
    ready: (page) => checked(page).then(() => opened(page, '', '#article-reading', '.article')),
  },
  {
    name: 'gelu',
    hash: '#op=gelu&block=2&why=blocks.2.mlp.hook_post:9,3',
    options: { ...light, ...desk },
    part: '.inspector',
  },
  {
    name: 'residual-dark',
    hash: '#op=residual&block=1&why=blocks.1.hook_resid_mid:5,10',
    options: { ...dark, ...desk },
    part: '.inspector',
  },
  {
    name: 'attention-phone',
    hash: '#op=softmax&block=3&head=1',
    options: { ...light, ...phone },
    part: '.inspector',
  },
  {
    name: 'sampling-zh',
    hash: '#op=sampling',
    options: { ...lightZh, ...desk },
    part: '.inspector',
  },
  {
    name: 'tour',
    hash: '#tour=stream',
    options: { ...light, ...desk },
    ready: (page) => page.locator('.pointed-at').waitFor(),
  },
  {
    name: 'truth',
    options: { ...light, ...desk },
    part: '.truth',
    ready: checked,
  },
];

/**
 * How long a run took and how much memory it needed; errors of rounding, which are others on another
 * processor, and where the largest lies.
 */
const varying = '.facts .more, [data-identity] td:not(:nth-child(2))';

/**
 * A part of the page begins on a whole pixel, whatever stands above it, or else its lines would lie on other
 * pixels whenever that changes; and what is fixed to the window does not lie over it.
 */
async function alone(part: Locator): Promise<void> {
  await part.evaluate((element) => {
    // The page's own rules forbid elements of style.
    const style = new CSSStyleSheet();
    style.insertRule('.anywhere { display: none }');
    const bar = document.querySelector('.actions')!;
    if (getComputedStyle(bar).position === 'fixed')
      style.insertRule('.actions { visibility: hidden }');
    document.adoptedStyleSheets.push(style);
    const { top } = element.getBoundingClientRect();
    const beyond = (top + scrollY) % 1;
    if (beyond > 0) document.body.style.paddingTop = `${1 - beyond}px`;
  });
}

describe('looks as before', () => {
  test.each(pictures)('$name', async ({ name, hash = '', options, part, ready }) => {
    const { page } = await site.visitReady(hash, { deviceScaleFactor: 1, ...options });
    await ready?.(page);
    // What the page works out after a run has come, and stays.
    await page.getByTestId('text-probability').filter({ hasNotText: '…' }).waitFor();
    await whole(page);
    const why = page.getByTestId('why');
    if ((await why.count()) > 0) await why.locator('.number-shown').waitFor();
    await page.waitForFunction(() => document.fonts.status === 'loaded');
    await page.locator(varying).evaluateAll((cells) => {
      for (const cell of cells) (cell as HTMLElement).style.display = 'none';
    });
    if (part) await alone(page.locator(part).first());
    await page.mouse.move(0, 0);
    await page.waitForTimeout(500);
    const target = part ? page.locator(part).first() : page;
    const picture = await target.screenshot({ animations: 'disabled', caret: 'hide' });
    expect(comparePicture(name, picture).complaint).toBeNull();
  });
});
