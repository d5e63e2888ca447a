import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load, type Model, type Tensor, tensor } from 'glassformer';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tour } from '../../web/src/guide/tour.en.ts';
import { type StepId, stepIds } from '../../web/src/guide/tour_steps.ts';
import { launchFirefox } from '../bindings/support/firefox.ts';
import { normOutput } from '../../web/src/state/norm_output.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import violationsOn from './support/axe.ts';
import { outOfReach } from './support/legible.ts';
import {
  idsOn,
  overflow,
  readoutOf,
  ready,
  Site,
  unfold,
  type Visit,
  waitForText,
  waitForTokens,
  whole,
} from './support/page.ts';
import { readTrace } from './support/safetensors.ts';
import { shows } from './support/walk.ts';

const built = new URL('../../build/web/', import.meta.url).pathname;
/** As a person's browser has them; other tests do without. */
const kept = { serviceWorkers: 'allow' } as const;
const keptOffline = (page: Page, text = 'Ready for offline use') =>
  page.locator('[data-offline=kept]').filter({ hasText: text }).waitFor();
/** Waits until the page shows what fits into the model's context. */
const waitForModel = (page: Page, name: string) => {
  const { n_positions } = JSON.parse(
    readFileSync(new URL(`../../weights/${name}/config.json`, import.meta.url), 'utf8'),
  ) as { n_positions: number };
  const said = new RegExp(`\\b${n_positions}\\b`);
  return page.getByTestId('count').filter({ hasText: said }).waitFor();
};
const tokens = (page: Page) => page.locator('[data-position]').count();
const keptFiles = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const stores = await Promise.all(names.map((name) => caches.open(name)));
    const keys = await Promise.all(stores.map((store) => store.keys()));
    return keys.flat().map(({ url }) => new URL(url).pathname);
  });

describe('after a first visit', () => {
  const embedded = ['nano', 'stories', 'tang'];
  const weightsOf = (model: string) => `/models/${model}/model.safetensors`;
  const weightsKept = async (page: Page) =>
    (await keptFiles(page)).filter((file) => file.endsWith('.safetensors')).sort();

  test.each([true, false])('with isolation: %s, the page works offline', async (isolated) => {
    const site = await Site.open([], { isolated });
    try {
      const { page, foreign, complaints } = await site.visitReady('#lang=en', kept);
      await keptOffline(page);
      // Of the four modules the one in use; all models, of which a reader has used one.
      const files = await keptFiles(page);
      expect(files.filter((file) => file.endsWith('.wasm'))).toHaveLength(1);
      expect(await weightsKept(page)).toEqual(embedded.map(weightsOf));

      await site.stopServing();
      await expect(fetch(site.url)).rejects.toThrow();
      await page.reload();
      await ready(page);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      if (isolated) await useAll(page);
      await page.fill('#prompt', 'The cat sat');
      await waitForTokens(page, 3);
      await ready(page);
      await page.getByRole('button', { name: 'Generate a token' }).click();
      await waitForTokens(page, 4);
      await keptOffline(page);
      expect(foreign).toEqual([]);
      expect(complaints).toEqual([]);

      // What lies on another host is not there, and that is said in the reader's language.
      await page.context().setOffline(true);
      await page.getByRole('button', { name: '切换到中文' }).click();
      await page.locator('header select').first().selectOption('openai-community/gpt2');
      await page.locator('dialog .choose:focus').press('Enter');
      const alert = page.getByRole('alert');
      await alert.getByText('GPT-2 small加载失败。 网络似乎已断开。').waitFor();
      expect(await tokens(page)).toBe(4);
    } finally {
      await site.close();
    }
  });

  // Its engine has a service worker of its own.
  test('in Firefox, isolated, the page works offline', async () => {
    const site = await Site.open();
    await using firefox = await launchFirefox();
    const arrives = (selector: string) =>
      expect
        .poll(() => firefox.evaluate(async (of) => document.querySelector(of) !== null, selector))
        .toBe(true);
    try {
      await firefox.open(site.url);
      await arrives('[data-testid=drawn]');
      // Firefox waits for the disk several times for each file that it keeps, some 400 times in all.
      // Where nothing is kept, the reason is in its place, or how far the service worker has come.
      await expect
        .poll(
          () =>
            firefox.evaluate(async (of) => {
              const registration = await navigator.serviceWorker.getRegistration();
              const { installing, waiting, active } = registration ?? {};
              const said = document.querySelector<HTMLElement>(of)?.dataset['offline'];
              return said ?? (active ?? waiting ?? installing)?.state ?? 'no service worker';
            }, '[data-offline]'),
          { timeout: 80_000 },
        )
        .toBe('kept');
      await site.stopServing();
      await firefox.open(`${site.url}?again`);
      await arrives('[data-testid=drawn]');
      expect(await firefox.evaluate(async () => crossOriginIsolated, null)).toBe(true);
    } finally {
      await site.close();
    }
  });

  /** All that a reader does with the page, which is in English, and is again when they are done. */
  async function useAll(page: Page): Promise<void> {
    const model = page.getByLabel('Model').first();
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

    // The language brings its model along. Both are there after a reload, and so is the theme.
    await press('切换到中文');
    await waitForModel(page, 'tang');
    await page.getByLabel('配色').selectOption('dark');
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('lang=zh-CN');
    await page.reload();
    await waitForModel(page, 'tang');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await press('Switch to English');
    for (const name of ['nano', 'tang', 'stories']) {
      await model.selectOption(name);
      await waitForModel(page, name);
      const card = page.getByRole('link', { name: 'Model card' });
      const fetched = (link: HTMLAnchorElement) => fetch(link.href).then(({ ok }) => ok);
      expect(await card.evaluate(fetched)).toBe(true);
    }

    await page.locator('[data-tour-button]').click();
    const step = (id: StepId) =>
      page.locator('#tour').getByRole('heading', { name: tour[id].title }).waitFor();
    await step(stepIds[0]);
    for (let at = 1; at < stepIds.length; at += 1) await page.keyboard.press('ArrowRight');
    await step(stepIds.at(-1)!);
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.locator('#tour').waitFor({ state: 'detached' });
    await page.locator('.article summary').click();
    await page.locator('#article-reading').waitFor();

    for (const operation of operationIds) {
      await page.locator('.inspector select').selectOption(operation);
      await shows(page, operation);
    }
    for (const operation of ['queryKeyValue', 'unembedding'] as const) {
      await page.locator('.inspector select').selectOption(operation);
      await shows(page, operation);
      await unfold(page.locator('.inspector'));
    }
    await page.locator('.inspector .lens [role=application] table').waitFor();
    await page.locator('.inspector').getByRole('application', { name: 'The weight' }).waitFor();
    await page.getByTestId('why').locator('.number-shown').waitFor();

    await page.locator('.inspector .export > button').click();
    for (const format of ['CSV', 'PNG']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('.panel').getByRole('button', { name: format }).first().click(),
      ]);
      expect(readFileSync(await download.path()).length).toBeGreaterThan(100);
    }
    await page.keyboard.press('Escape');

    // A link that somebody else shared, in a tab of its own.
    const other = await page.context().newPage();
    const why = 'blocks.2.mlp.hook_post:3,7';
    await other.goto(`${page.url().split('#')[0]}#lang=zh-CN&model=tang&op=gelu&why=${why}`);
    await other.locator('.number-shown[data-index="3, 7"]').waitFor();
    expect(await model.inputValue()).toBe('stories');
    await other.close();
  }
});

describe('a copy of the page', () => {
  let folder: string;
  let site: Site;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'glassformer-reach-'));
    cpSync(built, path.join(folder, 'web/below/a path'), { recursive: true });
    writeFileSync(path.join(folder, 'web/index.html'), '<title>Not ours</title>');
    site = await Site.open([], { folder: path.join(folder, 'web') });
  });
  afterAll(async () => {
    await site.close();
    rmSync(folder, { recursive: true });
  });
  const file = (name: string) => path.join(folder, 'web/below/a path', name);
  const place = 'below/a%20path/';

  /** Publishes another content of a file, and a list that says so. */
  function change(name: string, edit: (text: string) => string): void {
    const before = readFileSync(file(name));
    const after = Buffer.from(edit(before.toString()));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const list = readFileSync(file('service_worker.js'), 'utf8');
    expect(list).toContain(hash(before));
    writeFileSync(file(name), after);
    writeFileSync(file('service_worker.js'), list.replace(hash(before), hash(after)));
  }
  /** Publishes another version: a page that has its name, and a model with another configuration. */
  function publish(name: string): void {
    const mark = `<meta name="edition" content="${name}" /></head>`;
    change('index.html', (text) => text.replace('</head>', mark));
    change('models/stories/config.json', (text) => `${text}\n`);
  }
  const editionOf = (page: Page) =>
    page.evaluate(() =>
      Array.from(document.querySelectorAll('meta[name=edition]')).at(-1)?.getAttribute('content'),
    );

  test('under any path keeps itself, and leaves the rest of the host alone', async () => {
    const { page } = await site.visitReady(place, kept);
    await keptOffline(page);
    expect(await page.evaluate(() => caches.keys())).toEqual(['glassformer-page /below/a%20path/']);
    await page.goto(site.url);
    expect(await page.title()).toBe('Not ours');
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBe(null);
  });

  test('offers a new version, and has it whole after a click', async () => {
    const { page } = await site.visitReady(`${place}#text=Hello`, kept);
    await keptOffline(page);
    publish('second');
    await page.reload();
    await ready(page);
    // Until the reader wants it, the page is the version before, also in a new tab.
    const offer = page.getByRole('status').filter({ hasText: 'A new version is here.' });
    await offer.waitFor();
    expect(await editionOf(page)).toBe(undefined);
    const other = await page.context().newPage();
    await other.goto(site.url + place);
    await ready(other);
    expect(await editionOf(other)).toBe(undefined);

    // Whatever the reader has is there in both, should the new one first open without a connection.
    const configuration = new URL('models/stories/config.json', page.url()).pathname;
    const files = await keptFiles(page);
    expect(files.filter((path) => path === configuration)).toHaveLength(2);
    const count = files.length;
    await Promise.all([
      page.waitForEvent('load'),
      offer.getByRole('button', { name: 'Reload' }).click(),
    ]);
    await ready(page);
    expect(await editionOf(page)).toBe('second');
    expect(await page.inputValue('#prompt')).toBe('Hello');
    await keptOffline(page);
    expect(await offer.count()).toBe(0);
    // What the version before had of its own is gone; what both have was not fetched again.
    expect(await keptFiles(page)).toHaveLength(count - 2);
    await other.getByText('A new version is here.').waitFor();
  });

  test('is not taken for new while its host gives files of two versions', async () => {
    const { page } = await site.visitReady(place, kept);
    await keptOffline(page);
    const before = await editionOf(page);
    publish('third');
    writeFileSync(file('index.html'), 'a file of yet another version');
    await page.evaluate(() =>
      navigator.serviceWorker.ready.then((r) => r.update().catch(() => {})),
    );
    await page.waitForTimeout(1000);
    expect(await page.getByText('A new version is here.').count()).toBe(0);
    await page.reload();
    await ready(page);
    expect(await editionOf(page)).toBe(before);
  });
});

describe('without room or leave to keep anything', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
  });
  afterAll(() => site.close());

  test('the page works online, and says so in one sentence', async () => {
    const visit = await site.visit('', kept, async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send('Storage.overrideQuotaForOrigin', {
        origin: new URL(site.url).origin,
        quotaSize: 2_000_000,
      });
    });
    await ready(visit.page);
    await visit.page.getByText('This browser has no room to keep the page').waitFor();
    await visit.page.getByRole('button', { name: 'Generate a token' }).click();
    await visit.page.waitForFunction(
      () => document.querySelectorAll('[data-position]').length === 11,
    );
    expect(visit.complaints).toEqual([]);
  });

  test('a browser that refuses service workers shows nothing of it', async () => {
    const { page, complaints } = await site.visitReady();
    await page.waitForTimeout(300);
    expect(await page.locator('.offline').textContent()).toMatch(/^\s*$/);
    expect(complaints).toEqual([]);
  });
});

test('the page can be installed', async () => {
  const site = await Site.open();
  try {
    const { page } = await site.visitReady('', kept);
    const session = await page.context().newCDPSession(page);
    const { errors } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A window that forgets everything offers no installation.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  } finally {
    await site.close();
  }
});

describe('the link that is shared', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
  });
  afterAll(() => site.close());
  const share = (page: Page) => page.getByRole('button', { name: 'Share' }).click();

  test('leads to exactly this: model, text, sampling, selection and language', async () => {
    const { page } = await site.visitReady('?from=elsewhere#block=2&head=3&query=4&topk=7&seed=9', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    // A cell that the reader chose, not the one that stands out by itself: it goes along.
    const strongest = (await readoutOf(page)).index;
    const chosen = [3, 4, strongest[2] === 1 ? 2 : 1];
    const matrix = page.locator('.matrix canvas');
    const { width } = (await matrix.boundingBox())!;
    const tokens = await page.locator('[data-position]').count();
    const at = (place: number) => ((place + 0.5) * width) / tokens;
    await matrix.click({ position: { x: at(chosen[2]!), y: at(chosen[1]!) } });
    await page.mouse.move(0, 0);
    await expect.poll(async () => (await readoutOf(page)).index).toEqual(chosen);
    await share(page);
    await page.getByRole('status').filter({ hasText: 'Link copied' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.split('#')[0]).toBe(site.url);
    const { page: other } = await site.visitReady(link.slice(site.url.length), {
      locale: 'zh-CN',
    });
    expect(await other.getAttribute('html', 'lang')).toBe('en');
    expect(await other.inputValue('#prompt')).toBe(await page.inputValue('#prompt'));
    expect(await other.getByLabel('Model').first().inputValue()).toBe('stories');
    expect(await other.getByLabel('Seed').first().inputValue()).toBe('9');
    expect((await readoutOf(other)).index).toEqual(chosen);
    expect((await readoutOf(other)).value).toBe((await readoutOf(page)).value);
    // Going back takes the choice back, and going on restores it.
    const key = () => new URLSearchParams(new URL(other.url()).hash.slice(1)).get('key');
    const isAt = (index: number[]) =>
      expect.poll(async () => (await readoutOf(other)).index).toEqual(index);
    await other.evaluate(() => (location.hash = '#block=2&head=3&query=4'));
    await isAt(strongest);
    await other.goBack();
    await isAt(chosen);
    await expect.poll(key).toBe(String(chosen[2]));
    // In another text the cell is another one.
    await other.fill('#prompt', 'Once upon');
    await waitForText(other);
    await expect.poll(key).toBe(null);
    // A link may name a cell that is not there.
    await other.evaluate(() => (location.hash = '#block=2&head=3&query=4&key=5'));
    await isAt(strongest);
  });

  test('leads from one language and model to the same in a browser of another', async () => {
    const { page } = await site.visitReady('', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByLabel('Model').first().selectOption('tang');
    await page.getByTestId('count').filter({ hasText: 'of 128 tokens' }).waitFor();
    await page.fill('#prompt', '明月出天山，& #1');
    await page.getByRole('slider', { name: 'Temperature' }).fill('1.3');
    await page.getByRole('slider', { name: 'Top-p' }).fill('0.7');
    await page.locator('[role=gridcell][data-block="3"][data-head="2"]').click();
    await page.getByRole('button', { name: 'Contribution' }).click();
    await page.locator('.inspector select').selectOption('gelu');
    await page
      .locator('.inspector .vectors canvas')
      .last()
      .click({ position: { x: 40, y: 8 } });
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('button', { name: 'Switch to English' }).waitFor();
    const state = async (of: Page) => {
      await of.locator('.number-shown').waitFor();
      await of.locator('[data-focus=map] [data-source=map]').waitFor();
      return of.evaluate(() => {
        const all = (selector: string) =>
          Array.from(document.querySelectorAll(selector), (node) => node.textContent!.trim());
        const value = (selector: string) =>
          document.querySelector<HTMLSelectElement>(selector)!.value;
        return {
          language: document.documentElement.lang,
          model: value('header select'),
          text: value('#prompt'),
          ids: all('[data-position] .id'),
          sampling: Array.from(
            document.querySelectorAll<HTMLInputElement>('fieldset input'),
            (input) => `${input.type} ${input.type === 'checkbox' ? input.checked : input.value}`,
          ),
          settings: all('.settings'),
          next: all('[data-testid=drawn]'),
          operation: value('.inspector select'),
          explained: { ...document.querySelector<HTMLElement>('.number-shown')!.dataset },
          number: all('.number-shown'),
          head: all('[data-focus=map] [data-source=map]'),
          measure: all('.measures [aria-pressed=true]'),
        };
      });
    };
    await page.locator('.number-shown[data-tensor^="blocks.3.mlp"]').waitFor();
    await whole(page);
    const shared = await state(page);
    expect(shared).toMatchObject({
      language: 'zh-CN',
      model: 'tang',
      operation: 'gelu',
      text: '明月出天山，& #1',
    });
    expect(shared.settings[0]).toContain('1.30');

    await page.getByRole('button', { name: '分享' }).click();
    await page.getByRole('status').filter({ hasText: '已复制' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    for (const part of ['model=tang', 'temperature=1.3', 'topp=0.7', 'why=', 'map=contribution']) {
      expect(link).toContain(part);
    }
    const { page: other } = await site.visitReady(link.slice(site.url.length), {
      locale: 'en-GB',
    });
    await expect.poll(() => state(other)).toEqual(shared);
  });

  test('can be copied by hand where the clipboard is refused', async () => {
    const { page } = await site.visitReady();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    await share(page);
    const field = page.getByLabel('Copy this link:');
    expect(await field.inputValue()).toMatch(/#model=stories&lang=en&text=Once\+upon/);
    await expect
      .poll(() => page.evaluate(() => getSelection()!.toString()))
      .toBe(await field.inputValue());
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate(() => document.activeElement!.textContent!.trim()))
      .toBe('Share');
  });

  test('goes to the apps of a phone', async () => {
    const { page } = await site.visitReady('', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await page.evaluate(() => {
      navigator.canShare = () => true;
      navigator.share = async (data) => void (document.body.dataset.shared = data!.url);
    });
    await page.getByRole('button', { name: 'Share' }).tap();
    await page.waitForFunction(() => document.body.dataset.shared?.includes('#model=stories'));
  });
});

describe('a file that is saved', () => {
  let site: Site;
  let model: Model;
  let page: Page;
  let visit: Visit;
  beforeAll(async () => {
    site = await Site.open();
    model = await load(new URL('../../weights/stories/', import.meta.url));
    visit = await site.visitReady('#block=3&head=1');
    ({ page } = visit);
  });
  afterAll(async () => {
    await model.dispose();
    await site.close();
  });

  const open = (title: string) => page.getByRole('button', { name: `Save: ${title}` }).click();
  const attention = 'Softmax · block 3 · head 1';
  const row = (name: string) => page.getByRole('group', { name, exact: true });
  async function saved(press: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }
  const pattern = async () => {
    const { cache } = await model.runWithCache(await page.inputValue('#prompt'), {
      names: ['blocks.3.attn.hook_pattern'],
    });
    return cache.get('blocks.3.attn.hook_pattern');
  };

  test('has the numbers of the run, in every format', async () => {
    const tensor = await pattern();
    await open(attention);
    const whole = row('blocks.3.attn.hook_pattern');
    const press = (format: string) =>
      saved(() => whole.getByRole('button', { name: format }).click());
    const csv = await press('CSV');
    expect(csv.name).toBe('glassformer-stories-blocks.3.attn.hook_pattern.csv');
    const rows = csv.bytes.toString().trim().split('\n').slice(1);
    const numbers = rows.flatMap((line) => line.split(',').slice(2).map(Number));
    expect(numbers).toHaveLength(tensor.size);
    // Node and browsers compute with other instructions: equal within rounding.
    const close = (values: ArrayLike<number>) =>
      Array.from(values).every((value, i) => Math.abs(value - tensor.data[i]!) < 1e-5);
    expect(close(numbers)).toBe(true);
    const json = JSON.parse((await press('JSON')).bytes.toString());
    expect(json.dims).toEqual([6, 10, 10]);
    expect(json.data).toEqual(numbers);
    const npy = (await press('npy')).bytes;
    expect(npy.subarray(1, 6).toString()).toBe('NUMPY');
    expect(npy.readFloatLE(npy.length - 4)).toBe(numbers.at(-1));
    const file = await press('safetensors');
    const folder = mkdtempSync(path.join(tmpdir(), 'glassformer-reach-'));
    writeFileSync(path.join(folder, file.name), file.bytes);
    const read = readTrace(pathToFileURL(path.join(folder, file.name)));
    rmSync(folder, { recursive: true });
    expect(read('blocks.3.attn.hook_pattern').at(5, 9, 9)).toBe(numbers.at(-1));

    const head = await saved(() =>
      row('blocks.3.attn.hook_pattern[1]').getByRole('button', { name: 'CSV' }).click(),
    );
    expect(head.name).toBe('glassformer-stories-blocks.3.attn.hook_pattern.head.1.csv');
    const line = head.bytes.toString().trim().split('\n').at(-1)!;
    expect(line.split(',').slice(1).map(Number)).toEqual(numbers.slice(190, 200));
    await page
      .getByRole('status')
      .filter({ hasText: `Saved as ${head.name}` })
      .waitFor();
    await page.keyboard.press('Escape');
  });

  test('has every token of the vocabulary', async () => {
    await open('Next token');
    const { name, bytes } = await saved(() => page.getByRole('button', { name: 'CSV' }).click());
    expect(name).toBe('glassformer-stories-next_token.csv');
    const lines = bytes.toString().trim().split('\n');
    expect(lines[0]).toBe('rank,id,token,bytes,logit,scaled,probability,filtered,drawn');
    const { logits } = await model.runWithCache(await page.inputValue('#prompt'), { names: [] });
    const stages = model.sample(logits, { temperature: 0.8, topK: 40, seed: 1 });
    const first = lines[1]!.split(',');
    expect(Number(first[1])).toBe(stages.order[0]);
    expect(first[2]).toBe(' named');
    expect(Buffer.from(first[3]!, 'hex').toString()).toBe(' named');
    expect(Number(first[6])).toBeCloseTo(stages.probabilities[stages.order[0]!]!, 4);
    const ends = bytes.toString().matchAll(/,[0-9a-f]+,([^,]+,){2}([^,]+),[^,]+,[01]$/gm);
    const sum = Array.from(ends, (match) => Number(match[2]));
    expect(sum.length).toBe(4096);
    expect(sum.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    await page.keyboard.press('Escape');
  });

  test('as a picture has twice the pixels, and as SVG only shapes and text', async () => {
    await page.fill('#prompt', '<script>alert(1)</script> & "a" <b>');
    await waitForText(page);
    await open(attention);
    const svg = await saved(() => row('Picture').getByRole('button', { name: 'SVG' }).click());
    const png = await saved(() => row('Picture').getByRole('button', { name: 'PNG' }).click());
    expect(svg.name).toBe('glassformer-stories-softmax.block.3.head.1.svg');
    // The page’s own policy would complain of the font’s settings in the file.
    const elsewhere = await page.context().newPage();
    const parsed = await elsewhere.evaluate((text) => {
      const file = new DOMParser().parseFromString(text, 'image/svg+xml');
      const all = Array.from(file.querySelectorAll('*'));
      return {
        root: file.documentElement.tagName,
        tags: [...new Set(all.map((element) => element.tagName))].sort(),
        scripted: all.flatMap((element) =>
          element.getAttributeNames().filter((name) => /^on|href/.test(name)),
        ),
        width: Number(file.documentElement.getAttribute('width')),
        height: Number(file.documentElement.getAttribute('height')),
        words: file.documentElement.textContent,
        cells: file.querySelectorAll('g g rect').length,
      };
    }, svg.bytes.toString());
    await elsewhere.close();
    expect(parsed.root).toBe('svg');
    expect(parsed.tags).toEqual([
      'defs',
      'g',
      'linearGradient',
      'path',
      'rect',
      'stop',
      'svg',
      'text',
      'title',
    ]);
    expect(parsed.scripted).toEqual([]);
    for (const words of [
      'Softmax',
      'Stories',
      '“<script>alert(1)</script> & "a" <b>”',
      'Glassformer',
    ]) {
      expect(parsed.words).toContain(words);
    }
    expect(svg.bytes.toString()).not.toMatch(/<script|var\(--/);
    const count = await page.locator('[data-position]').count();
    expect(parsed.cells).toBe((count * (count + 1)) / 2);
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.readUInt32BE(16)).toBe(2 * parsed.width);
    expect(png.bytes.readUInt32BE(20)).toBe(2 * parsed.height);
    await page.keyboard.press('Escape');
  });

  test.each([
    ['the matrix', attention, '.inspector .attention', '.inspector .matrix canvas'],
    ['the flow', 'The flow', '.flow .frame', '[data-testid=flow]'],
  ])('as a PNG of %s has the colours on screen', async (_, title, view, canvas) => {
    await page.evaluate(() => (location.hash = '#block=3&head=1&op=softmax'));
    await page.getByRole('button', { name: `Save: ${attention}` }).waitFor();
    await whole(page);
    await page.mouse.move(0, 0);
    /** Where the canvas is one colour for a few pixels around, from the corner of the view. */
    const painted = await page.locator(canvas).evaluate((element: HTMLCanvasElement, view) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const corner = element.closest(view)!.getBoundingClientRect();
      // Read once: the browser complains of a canvas that is read often.
      const { data: pixels } = element
        .getContext('2d')!
        .getImageData(0, 0, element.width, element.height);
      const places: { x: number; y: number; color: number[] }[] = [];
      for (let down = 0.5; down < 60; down += 1) {
        for (let across = 0.5; across < 60; across += 1) {
          const [x, y] = [(across / 60) * width, (down / 60) * height];
          const [pixelX, pixelY] = [
            Math.floor((x * element.width) / width),
            Math.floor((y * element.height) / height),
          ];
          const near = [-1, 0, 1].flatMap((lower) =>
            [-1, 0, 1].map((further) => {
              const at = 4 * ((pixelY + lower) * element.width + pixelX + further);
              return Array.from(pixels.subarray(at, at + 4)).join();
            }),
          );
          const [red, green, blue, alpha] = near[0]!.split(',').map(Number);
          if (alpha !== 255 || near.some((each) => each !== near[0])) continue;
          places.push({
            x: left - corner.left + x,
            y: top - corner.top + y,
            color: [red!, green!, blue!],
          });
        }
      }
      return places;
    }, view);
    expect(painted.length).toBeGreaterThan(50);
    const colors = (places: typeof painted) =>
      new Set(places.map(({ color }) => color.join())).size;
    expect(colors(painted)).toBeGreaterThan(5);
    await open(title);
    const { bytes } = await saved(() =>
      row('Picture').getByRole('button', { name: 'PNG' }).click(),
    );
    await page.keyboard.press('Escape');
    const picture = PNG.sync.read(bytes);
    // Twice the pixels, after a margin of 24.
    const isThere = painted.filter(({ x, y, color }) => {
      const at = 4 * (Math.floor(2 * (24 + y)) * picture.width + Math.floor(2 * (24 + x)));
      return color.every((channel, i) => Math.abs(channel - picture.data[at + i]!) <= 3);
    });
    // A few lie under a mark.
    expect(isThere.length / painted.length).toBeGreaterThan(0.9);
    expect(colors(isThere) / colors(painted)).toBeGreaterThan(0.9);
  });

  /** What an SVG file is when another program reads it. */
  async function read(svg: Buffer) {
    const elsewhere = await page.context().newPage();
    const read = await elsewhere.evaluate((text) => {
      const file = new DOMParser().parseFromString(text, 'image/svg+xml');
      return {
        broken: file.querySelector('parsererror')?.textContent ?? null,
        root: file.documentElement.tagName,
        title: file.querySelector('title')?.textContent ?? '',
        shapes: file.querySelectorAll('rect, path, image, text').length,
        words: file.documentElement.textContent,
      };
    }, svg.toString());
    await elsewhere.close();
    return read;
  }
  const savePicture = async (title: string) => {
    await open(title);
    const svg = await saved(() => row('Picture').getByRole('button', { name: 'SVG' }).click());
    await page.keyboard.press('Escape');
    return svg;
  };
  const inspect = async (operation: string) => {
    await page.locator('.inspector select').selectOption(operation);
    await page.waitForFunction(
      (wanted) => document.querySelector<HTMLSelectElement>('.inspector select')!.value === wanted,
      operation,
    );
    await whole(page);
    // Vectors come with their activations.
    const vectors = page.locator('.inspector .vectors');
    if ((await vectors.count()) > 0) await vectors.locator('.part').first().waitFor();
  };

  test.each(operationIds)('is a picture of %s, and says what it is of', async (operation) => {
    await inspect(operation);
    const button = page.locator('.inspector .export > button');
    const title = (await button.getAttribute('aria-label'))!.replace('Save: ', '');
    const { broken, root, title: inside, shapes } = await read((await savePicture(title)).bytes);
    expect(broken).toBe(null);
    expect(root).toBe('svg');
    expect(inside.startsWith(`${title} · Stories · “`)).toBe(true);
    expect(shapes).toBeGreaterThan(8);
  });

  test('is a picture of the flow, of the tokens and of what was checked', async () => {
    await page.fill('#prompt', 'Once upon a time');
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 4);
    // It begins by itself when somebody comes near it.
    await page.locator('.truth').scrollIntoViewIfNeeded();
    await page.locator('.truth table').waitFor({ timeout: 40_000 });
    for (const [title, name, words] of [
      ['The flow', 'flow.block.3.head.1', ['Embedding', '·upon', 'Block 3', 'Head 1', 'gelu']],
      ['Tokens', 'tokens.attention', ['Once', '912', 'time']],
      ['Is it true?', 'truth', ['Attention weights = softmax of the scores', 'comparisons']],
    ] as const) {
      const { name: file, bytes } = await savePicture(title);
      expect(file).toBe(`glassformer-stories-${name}.svg`);
      const picture = await read(bytes);
      expect(picture.broken).toBe(null);
      expect(picture.title).toContain(`${title} · Stories · “Once upon a time”`);
      for (const word of words) expect(picture.words).toContain(word);
      // Controls are no part of it.
      expect(picture.words).not.toMatch(/[‹›]|Replay|Check/);
    }
  });

  test('has what the MLP’s neurons gave, as the package has it', async () => {
    await page.evaluate(() => (location.hash = '#op=gelu'));
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('.inspector select')!.value === 'gelu',
    );
    const name = 'blocks.0.mlp.hook_post';
    const { cache } = await model.runWithCache(await page.inputValue('#prompt'), { names: [name] });
    const tensor = cache.get(name);
    await open('Gelu · block 0 · head 0');
    const press = (format: string) =>
      saved(() => row(name).getByRole('button', { name: format }).click());
    const close = (values: ArrayLike<number>) =>
      values.length === tensor.size &&
      Array.from(values).every((value, i) => Math.abs(value - tensor.data[i]!) < 1e-5);
    const csv = await press('CSV');
    expect(csv.name).toBe(`glassformer-stories-${name}.csv`);
    const lines = csv.bytes.toString().trim().split('\n').slice(1);
    expect(close(lines.flatMap((line) => line.split(',').slice(1).map(Number)))).toBe(true);
    const { dims, data } = JSON.parse((await press('JSON')).bytes.toString());
    expect(dims).toEqual([...tensor.dims]);
    expect(close(data)).toBe(true);
    const file = (await press('safetensors')).bytes;
    const length = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.subarray(8, 8 + length).toString());
    expect(header[name].shape).toEqual([...tensor.dims]);
    const values = file.subarray(8 + length);
    expect(close(Float32Array.from(tensor.data, (_, i) => values.readFloatLE(4 * i)))).toBe(true);
    // What it is computed from lies beside it.
    await row('blocks.0.mlp.hook_pre').waitFor();
    await page.keyboard.press('Escape');
  });

  test('has the weights that are on screen, to the last bit', async () => {
    const formats = (weight: Tensor): Record<string, Buffer> => ({
      CSV: Buffer.from(weight.toCSV()),
      JSON: Buffer.from(JSON.stringify(weight)),
      npy: Buffer.from(weight.toNpy()),
      safetensors: Buffer.from(weight.toSafetensors()),
    });
    for (const [operation, title, files] of [
      [
        'queryKeyValue',
        'Query, key, value',
        ['attn.c_attn.weight CSV', 'attn.c_attn.weight npy', 'attn.c_attn.bias CSV'],
      ],
      ['mlpDown', 'MLP down', ['mlp.c_proj.bias JSON', 'mlp.c_proj.bias safetensors']],
      ['layerNorm', 'Layer norm', ['ln_1.weight CSV', 'ln_1.bias npy']],
    ] as const) {
      await inspect(operation);
      const label = await page.locator('.inspector .export > button').getAttribute('aria-label');
      expect(label).toContain(title);
      await page.locator('.inspector .export > button').click();
      for (const file of files) {
        const [within, format] = file.split(' ') as [string, string];
        const name = `h.0.${within}`;
        const { bytes } = await saved(() =>
          row(name).getByRole('button', { name: format }).click(),
        );
        expect(bytes.equals(formats(await model.weight(name))[format]!)).toBe(true);
      }
      if (operation === 'queryKeyValue') {
        // Of what is multiplied there is the row on screen.
        const [name, position] = ['blocks.0.ln1.output', (await idsOn(page)).length - 1];
        const { bytes, name: file } = await saved(() =>
          row(`${name}[${position}]`).getByRole('button', { name: 'CSV' }).click(),
        );
        expect(file).toBe(`glassformer-stories-${name}.position.${position}.csv`);
        const values = await normOutput(model, await idsOn(page), { name, position });
        expect(bytes.toString()).toBe(tensor('', [values.length], values).toCSV());
        for (const part of ['q', 'k', 'v']) await row(`blocks.0.attn.hook_${part}`).waitFor();
      }
      await page.keyboard.press('Escape');
    }
  });

  test('of pixels has them sharp', async () => {
    await open('Blocks and heads');
    const { bytes } = await saved(() => page.getByRole('button', { name: 'SVG' }).click());
    expect(bytes.toString()).toMatch(/<image [^>]*href="data:image\/png;base64,[^>]*"pixelated"/);
    await page.keyboard.press('Escape');
  });

  test('has the whole run, as large as was said', async () => {
    await inspect('layerNorm');
    await page.fill('#prompt', 'Once upon a time');
    await waitForText(page);
    await page.getByRole('button', { name: 'Save all activations of this text' }).click();
    const said = page.getByText('All activations of these 4 tokens');
    await said.waitFor();
    // Looking round meanwhile brings more of the same run, and takes nothing back.
    await page.getByRole('button', { name: 'Next block' }).first().click();
    await page.waitForFunction(() => location.hash.includes('block='));
    await page.locator('.part figure [data-of^="blocks."]').first().waitFor();
    await said.waitFor();
    const { name, bytes } = await saved(() =>
      page.getByRole('button', { name: 'Save', exact: true }).click(),
    );
    expect(name).toBe('glassformer-stories-run.safetensors');
    const { cache } = await model.runWithCache('Once upon a time');
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    expect(Object.keys(header).sort()).toEqual(cache.names().sort());
    expect(bytes.length - 8 - length).toBe(cache.bytes);
    const [start] = header.logits.data_offsets;
    expect(bytes.readFloatLE(8 + length + start)).toBeCloseTo(cache.get('logits').at(0, 0), 4);
    expect(visit.complaints).toEqual([]);
    expect(visit.foreign).toEqual([]);
  });
});

describe('the page for every reader', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
  });
  afterAll(() => site.close());

  test('enlarged to 200% and 400% loses nothing and scrolls one way', async () => {
    const [twice, fourTimes] = [
      { width: 720, height: 450 },
      { width: 360, height: 225 },
    ];
    const { page } = await site.visitReady('', { viewport: twice });
    await whole(page);
    const inspector = page.locator('.inspector');
    /** Within `selector` all can be read and pressed; the page goes on below, not beside. */
    const expectLegible = async (selector: string) => {
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await outOfReach(page, selector)).toEqual([]);
    };
    for (const viewport of [twice, fourTimes]) {
      await page.setViewportSize(viewport);
      await whole(page);
      for (const button of await page.locator('.export > button').all()) {
        await button.click();
        await page.locator('.panel .row').first().waitFor();
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        const box = (await page.locator('.panel.open').boundingBox())!;
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(viewport.width);
        await page.keyboard.press('Escape');
      }
      await expectLegible('body');

      for (const operation of operationIds) {
        await inspector.locator('select').selectOption(operation);
        await shows(page, operation);
        await inspector.locator('.filled math').first().waitFor();
        // A weight, and the logit lens.
        if (['queryKeyValue', 'unembedding'].includes(operation)) await unfold(inspector);
        await expectLegible('.inspector');
      }

      await page.evaluate(() => (location.hash = '#tour=softmax'));
      await page.locator('#tour h2').waitFor();
      await whole(page);
      await expectLegible('#tour, .inspector');
      await page.keyboard.press('Escape');
      await page.locator('#tour').waitFor({ state: 'detached' });

      const article = page.locator('.article summary');
      await article.click();
      await page.locator('#article-reading').waitFor();
      await expectLegible('.article');
      await article.click();

      await page.locator('header select').first().selectOption('another');
      await page.locator('dialog[open]').waitFor();
      await expectLegible('dialog');
      await page.keyboard.press('Escape');
    }
  });

  test.each(['en-GB', 'zh-CN'])('in %s, menus and links are clean to axe', async (locale) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await site.visitReady('', { locale, colorScheme });
      await whole(page);
      for (const button of await page.locator('.export > button').all()) {
        await button.click();
        await page.locator('.panel .row').first().waitFor();
        expect(await violationsOn(page)).toEqual([]);
        await page.keyboard.press('Escape');
      }
      await page.context().close();
    }
  });

  /** What is on top of the middle of what has the focus, or of as much of it as the window has room for. */
  const coverOfFocused = (page: Page) =>
    page.evaluate(() => {
      const focused = document.activeElement!;
      const docked = document.querySelector('#tour') ?? document.querySelector('.actions')!;
      const isDocked = getComputedStyle(docked).position === 'fixed' && !docked.contains(focused);
      const room = isDocked ? docked.getBoundingClientRect().top : innerHeight;
      // Of words on several lines the first.
      const { left, right, top, bottom } = focused.getClientRects()[0]!;
      const y =
        bottom - top < room ? (top + bottom) / 2 : (Math.max(0, top) + Math.min(room, bottom)) / 2;
      const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
      const hit = document.elementFromPoint(x, y);
      if (hit && (focused.contains(hit) || hit.contains(focused))) return null;
      const words = (element: Element | null) => element?.outerHTML.slice(0, 120);
      return `${words(focused)} at ${Math.round(y)} is under ${words(hit)}`;
    });

  test.each([
    [720, 450, ''],
    [390, 844, ''],
    [720, 450, '#tour=softmax'],
    [390, 844, '#tour=softmax'],
  ])('at %d x %d%s, nothing lies over what the keyboard is at', async (width, height, hash) => {
    const { page } = await site.visitReady(hash, { viewport: { width, height } });
    if (hash) await page.locator('#tour h2').waitFor();
    await whole(page);
    // What scrolls itself into sight keeps clear of all that is docked.
    const docked = (await page.locator(hash ? '#tour' : '.actions').boundingBox())!;
    const keptClear = await page.evaluate(() =>
      parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom),
    );
    expect(keptClear).toBeGreaterThanOrEqual(docked.height);
    let stops = 0;
    const isNew = () =>
      page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        if (focused === document.body || focused.dataset.walked) return false;
        focused.dataset.walked = 'yes';
        return true;
      });
    // From the card the keyboard goes through it, and on to the page's beginning.
    for (let around = 0; around < 2; around += 1) {
      await page.keyboard.press('Tab');
      while (await isNew()) {
        stops += 1;
        await expect.poll(() => coverOfFocused(page)).toBe(null);
        await page.keyboard.press('Tab');
      }
    }
    expect(stops).toBeGreaterThan(100);
  });

  test('a keyboard alone saves a tensor', async () => {
    const { page } = await site.visitReady();
    await page.locator('.inspector .export > button').focus();
    await page.keyboard.press('Enter');
    await page.locator('.panel .row').nth(1).waitFor();
    for (const key of ['Tab', 'Tab', 'Tab']) await page.keyboard.press(key);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.keyboard.press('Enter'),
    ]);
    expect(download.suggestedFilename()).toMatch(/head\.0\.csv$/);
    await page.keyboard.press('Escape');
    const focused = page.locator('.export > button:focus');
    expect(await focused.getAttribute('aria-expanded')).toBe('false');
  });
});
