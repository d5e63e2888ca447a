import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import manifest from '../../weights/manifest.json';
import violationsOn from './support/axe.ts';
import { filesOf, ModelHost } from './support/model_host.ts';
import { idsOn, overflow, ready, Site } from './support/page.ts';
import { Truth } from './support/truth.ts';

const revision = '607a30d783dfa663caf39e06633721c8d4cfcd7e';
const hub = `huggingface.co/openai-community/gpt2/resolve/${revision}/`;
const elsewhere = 'models.example/some/stories/';
const folder = fileURLToPath(new URL('../../weights/stories', import.meta.url));
const stories = filesOf('stories');
const general = 'The Eiffel Tower is in the city of';

let host: ModelHost;
let site: Site;
let model: Model;
beforeAll(async () => {
  host = await ModelHost.open();
  site = await Site.open(host.browserArguments);
  model = await load(folder);
});
afterAll(async () => {
  await model.dispose();
  await site.close();
  await host.close();
});
beforeEach(() => {
  // Not its real content: what matters here is where it comes from.
  host.folders.set(hub, stories).set(elsewhere, stories);
});
afterEach(() => host.clear());

const picker = (page: Page) => page.getByLabel('Model').first();
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Models' });
const row = (page: Page, name: string) =>
  dialog(page).getByRole('listitem').filter({ hasText: name });
const inUse = (page: Page) =>
  picker(page).evaluate((select: HTMLSelectElement) => select.selectedOptions[0]!.text);
const textIs = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector<HTMLTextAreaElement>('#prompt')!.value === wanted,
    text,
  );
async function openDialog(page: Page) {
  await picker(page).selectOption('Another model…');
  await dialog(page).waitFor();
}
async function loadNamed(page: Page, name: string) {
  await openDialog(page);
  await page.getByLabel('By name or address').fill(name);
  await page.keyboard.press('Enter');
}
async function choose(page: Page) {
  await picker(page).selectOption('openai-community/gpt2');
  await dialog(page).locator('.choose:focus').waitFor();
}
/** What the dialog says of a model: it asks the browser what it keeps. */
const expectSaid = (page: Page, name: string) => expect.poll(() => row(page, name).textContent());
async function download(page: Page) {
  await choose(page);
  await page.keyboard.press('Enter');
}

/** What the browser keeps, without hosts and folders. */
const keptIn = (page: Page) =>
  page.evaluate(async () => {
    const keys = await (await caches.open('glassformer-models')).keys();
    return keys.map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
  });
/** Holds the download of GPT-2 small until a part of its weights is kept. */
async function downloadHalf(page: Page) {
  host.holdAfter = 5_000_000;
  await download(page);
  await vi.waitFor(
    async () => expect(await keptIn(page)).toContain('model.safetensors?glassformer-part=0'),
    { timeout: 20_000 },
  );
}

describe('the picker', () => {
  test('says how large a model is, and downloads none by itself', async () => {
    const { page, foreign, complaints } = await site.visitReady();
    const options = await picker(page).locator('option').allTextContents();
    expect(options).toContain('GPT-2 small, 549.6 MB…');
    expect(options).toContain('DistilGPT-2, 354.3 MB…');
    await picker(page).selectOption('openai-community/gpt2');
    await expectSaid(page, 'GPT-2 small').toMatch(
      /124 million parameters.*MIT licence.*549\.6 MB.*about 497\.8 MB in memory/s,
    );
    await page.getByLabel('8 bits').check();
    await expectSaid(page, 'GPT-2 small').toContain('about 136.9 MB');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'hidden' });
    expect(await inUse(page)).toBe('Stories');
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('leads to a download by the keyboard alone, and says what the browser keeps', async () => {
    const { page, complaints } = await site.visitReady();
    await choose(page);
    expect(await page.evaluate(() => document.activeElement!.textContent)).toBe(
      'DownloadGPT-2 small',
    );
    await page.keyboard.press('Enter');
    await textIs(page, general);
    await ready(page);
    expect(await inUse(page)).toBe('GPT-2 small');
    await page.waitForURL(/model=openai-community%2Fgpt2/);
    expect(host.requests.every((request) => request.startsWith(hub))).toBe(true);

    const asked = host.requests.length;
    await page.reload();
    await textIs(page, general);
    expect(host.requests).toHaveLength(asked);

    await openDialog(page);
    await expectSaid(page, 'GPT-2 small').toMatch(/7\.1 MB on this device/);
    await page.getByRole('button', { name: 'Remove GPT-2 small' }).click();
    await page.getByText('on this device').waitFor({ state: 'detached' });
    await expectSaid(page, 'GPT-2 small').toContain('In use');
    await page.getByLabel('8 bits').check();
    await row(page, 'GPT-2 small').getByRole('button', { name: 'Download' }).waitFor();
    await expect
      .poll(() => page.evaluate(() => caches.open('glassformer-models').then((c) => c.keys())))
      .toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('a link to a model of another host', () => {
  const link = '#model=openai-community/gpt2&text=The+moon&block=5&head=3';

  test('asks first, and until then shows what the page brings', async () => {
    const { page, foreign } = await site.visitReady(link);
    const notice = page.getByRole('status').filter({ hasText: 'This link asks for' });
    expect(await notice.textContent()).toContain(
      'This link asks for openai-community/gpt2, 549.6 MB from huggingface.co.',
    );
    await page.waitForTimeout(600);
    expect(foreign).toEqual([]);
    expect(host.requests).toEqual([]);
    expect(decodeURIComponent(await page.evaluate(() => location.hash))).toBe(link);
    expect(await violationsOn(page)).toEqual([]);

    await page.getByRole('button', { name: 'Not now' }).click();
    await page.waitForURL((url) => !url.hash.includes('gpt2'));
    expect(await notice.count()).toBe(0);
    expect(await inUse(page)).toBe('Stories');
    expect(foreign).toEqual([]);
  });

  test('is followed to all that it names, once the person agrees', async () => {
    const { page } = await site.visitReady(link);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.waitForFunction(() => location.hash.includes('block=5'));
    await page.getByText('block 5 · head 3').waitFor();
    expect(await inUse(page)).toBe('GPT-2 small');
    expect(await page.inputValue('#prompt')).toBe('The moon');
  });

  test('is still there after a download that failed, to try again or to leave', async () => {
    host.folders.delete(hub);
    const { page } = await site.visitReady(link);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('alert').getByText('answered 404').waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('gpt2');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').getByText('answered 404').waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.waitForURL((url) => !url.hash.includes('gpt2'));
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.inputValue('#prompt')).toBe('The moon');
  });

  test('leaves alone what the person has written meanwhile', async () => {
    const { page } = await site.visitReady(link);
    await page.fill('#prompt', 'My own');
    await page.getByRole('button', { name: 'Download' }).click();
    await page.waitForFunction(() => location.hash.includes('block=5'));
    expect(await page.inputValue('#prompt')).toBe('My own');
  });

  test('needs no question where the browser keeps it', async () => {
    const { page } = await site.visitReady();
    await download(page);
    await textIs(page, general);
    await picker(page).selectOption('stories');
    await page.waitForURL(/model=stories/);
    const asked = host.requests.length;
    await page.evaluate((hash) => (location.hash = hash), link);
    await page.getByText('block 5 · head 3').waitFor();
    expect(await inUse(page)).toBe('GPT-2 small');
    expect(host.requests).toHaveLength(asked);
  });

  test('of any name is text and nothing else', async () => {
    const name = `https://models.example/${'long/'.repeat(60)}<img src=x onerror="document.title=1">/`;
    const { page, foreign } = await site.visitReady(`#model=${encodeURIComponent(name)}`, {
      viewport: { width: 390, height: 780 },
    });
    await page.getByText('This link asks for').waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.title()).toContain('Glassformer');
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(foreign.every((address) => address.startsWith('https://models.example/'))).toBe(true);
  });
});

describe('a name or an address', () => {
  test('that is neither is refused in one sentence', async () => {
    const { page, foreign } = await site.visitReady();
    await openDialog(page);
    const field = page.getByLabel('By name or address');
    await field.press('Enter');
    await page.getByText('Write the name or the address of a model.').waitFor();
    for (const text of ['gpt2 small', 'http://models.example/', '../secret', 'a/b/c']) {
      await field.fill(text);
      await field.press('Enter');
      await page.getByText(`“${text}” is neither`).waitFor();
      expect(await field.getAttribute('aria-invalid')).toBe('true');
    }
    expect(await violationsOn(page)).toEqual([]);
    expect(foreign).toEqual([]);
  });

  test.each(['openai-community/gpt2', 'https://huggingface.co/openai-community/gpt2'])(
    'of the Hub is loaded from there: %s',
    async (name) => {
      const { page, complaints } = await site.visitReady();
      await loadNamed(page, name);
      await textIs(page, general);
      await ready(page);
      expect(await inUse(page)).toBe('GPT-2 small');
      expect(host.requests.length).toBeGreaterThan(0);
      expect(host.requests.every((request) => request.startsWith(hub))).toBe(true);
      expect(complaints).toEqual([]);
    },
  );

  test('of a folder anywhere is loaded from there', async () => {
    const { page, complaints } = await site.visitReady();
    await loadNamed(page, `https://${elsewhere}config.json`);
    await textIs(page, general);
    await ready(page);
    expect(await inUse(page)).toBe('stories');
    await page.waitForURL(/model=https%3A%2F%2Fmodels\.example/);
    expect(new Set(host.requests.map((request) => request.split('/')[0]))).toEqual(
      new Set(['models.example']),
    );
    await page.getByText(`https://${elsewhere}, from models.example.`).waitFor();
    expect(complaints).toEqual([]);
  });

  test('where there is no model says which file is missing, and can be tried again', async () => {
    host.folders.delete(elsewhere);
    const { page } = await site.visitReady();
    const before = await idsOn(page);
    await loadNamed(page, `https://${elsewhere}`);
    const alert = page.getByRole('alert');
    await alert.getByText(`https://${elsewhere}config.json answered 404`).waitFor();
    expect(await alert.textContent()).toContain('Stories is still in use.');
    expect(await idsOn(page)).toEqual(before);
    host.folders.set(elsewhere, stories);
    await page.getByRole('button', { name: 'Try again' }).click();
    await textIs(page, general);
    expect(await alert.count()).toBe(0);
  });

  test('of damaged weights says so, and takes nothing away', async () => {
    const damaged = stories.get('model.safetensors')!.slice();
    new DataView(damaged.buffer).setUint16(damaged.length - 2, 0x7e00, true); // not a number
    host.folders.set(elsewhere, new Map(stories).set('model.safetensors', damaged));
    const { page } = await site.visitReady();
    await loadNamed(page, `https://${elsewhere}`);
    const alert = page.getByRole('alert');
    await alert.getByText('bad-weights').waitFor();
    expect(await alert.textContent()).toContain('Stories is still in use.');
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 11);
  });
});

describe('a long download', () => {
  test('says how far it is, can be cancelled, and goes on from what is kept', async () => {
    const { page } = await site.visitReady();
    host.holdAfter = 3_000_000;
    await loadNamed(page, `https://${elsewhere}`);
    await page.getByText(/3\.1 MB of 7\.1 MB · 43%/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stories is still in use.').waitFor();
    expect(await inUse(page)).toBe('Stories');
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-position]').length === 11);
    host.release();
    await page.getByRole('button', { name: 'Load it' }).click();
    await page.getByText('from models.example.').waitFor();
    expect(await inUse(page)).toBe('stories');
    expect(host.requests.filter((request) => request.endsWith('vocab.json'))).toHaveLength(1);
  });

  test('that is cancelled half way says how much is kept, and goes on from there', async () => {
    const { page, complaints } = await site.visitReady();
    await downloadHalf(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Stories is still in use.').waitFor();
    await choose(page);
    await expectSaid(page, 'GPT-2 small').toMatch(/549\.6 MB.*the first 4\.3 MB on this device/s);
    expect(await violationsOn(page)).toEqual([]);
    host.release();
    host.holdAfter = 250_000;
    await row(page, 'GPT-2 small').getByRole('button', { name: 'Continue' }).click();
    await page.getByText(/4\.[345] MB of 549\.6 MB/).waitFor();
    host.release();
    await textIs(page, general);
    await ready(page);
    expect(await inUse(page)).toBe('GPT-2 small');
    expect(host.ranges).toEqual(['bytes=4194304-']);
    const asked = host.requests.length;
    expect(asked).toBe(stories.size + 1);
    await page.waitForURL(/model=openai-community%2Fgpt2/);
    await page.reload();
    await textIs(page, general);
    expect(host.requests).toHaveLength(asked);
    await openDialog(page);
    await expectSaid(page, 'GPT-2 small').toMatch(/7\.1 MB on this device/);
    expect(complaints).toEqual([]);
  });

  test('tells no other numbers of it than those of what the browser keeps', async () => {
    const { page } = await site.visitReady();
    await downloadHalf(page);
    const truth = await Truth.on(page, model);
    const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size);
    const { files } = manifest.downloadable.find(({ id }) => id === 'openai-community/gpt2')!;
    const here = sum([...stories.values()].map(({ length }) => length));
    const arriving = {
      loaded: here - stories.get('model.safetensors')!.length + host.holdAfter,
      total: sum(files.map(({ bytes }) => bytes)),
    };
    truth.arriving = arriving;
    await page.getByText(/5\.1 MB of 549\.6 MB/).waitFor();
    await truth.expectOn(page);
    // What is checked can fail: with half of what has come, or more in the browser than the page says.
    truth.arriving = { ...arriving, loaded: arriving.loaded / 2 };
    await expect(truth.expectOn(page)).rejects.toThrow('5.1');
    await page.getByRole('button', { name: 'Cancel' }).click();
    host.release();
    truth.arriving = null;
    await choose(page);
    await expectSaid(page, 'GPT-2 small').toMatch(/the first 4\.3 MB on this device/);
    await truth.expectOn(page);
    const more = `https://${hub}more`;
    await page.evaluate(async (url) => {
      const store = await caches.open('glassformer-models');
      await store.put(url, new Response('.'.repeat(1e6)));
    }, more);
    await expect(truth.expectOn(page)).rejects.toThrow('4.3');
    await page.evaluate(async (url) => {
      await (await caches.open('glassformer-models')).delete(url);
    }, more);
    await row(page, 'GPT-2 small').getByRole('button', { name: 'Continue' }).click();
    await textIs(page, general);
    await ready(page);
    await openDialog(page);
    await expectSaid(page, 'GPT-2 small').toMatch(/7\.1 MB on this device/);
    await page.keyboard.press('Escape');
    // Not in the list of models that are known.
    await loadNamed(page, `https://${elsewhere}`);
    await page.getByText('from models.example.').waitFor();
    await openDialog(page);
    await expectSaid(page, 'models.example').toMatch(/7\.1 MB on this device/);
    await (await Truth.on(page, model)).expectOn(page);
  });

  test('whose connection breaks goes on from what has come', async () => {
    const { page } = await site.visitReady();
    await downloadHalf(page);
    host.cut();
    await page.getByRole('alert').getByText('broke off after').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await textIs(page, general);
    await ready(page);
    expect(await inUse(page)).toBe('GPT-2 small');
    expect(host.ranges).toEqual(['bytes=4194304-']);
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.getByTestId('drawn').waitFor();
  });

  test('that is removed before it goes on begins anew, and only after a click', async () => {
    const { page } = await site.visitReady();
    await downloadHalf(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    host.release();
    await choose(page);
    const asked = host.requests.length;
    await page.getByRole('button', { name: 'Remove GPT-2 small' }).click();
    await page.getByText('on this device').waitFor({ state: 'detached' });
    expect(await keptIn(page)).toEqual([]);
    expect(host.requests).toHaveLength(asked);
    await row(page, 'GPT-2 small').getByRole('button', { name: 'Download' }).click();
    await textIs(page, general);
    expect(host.ranges).toEqual([]);
    expect(host.requests).toHaveLength(asked + stories.size);
  });

  test('says how fast it is, and how long it will take', async () => {
    const { page } = await site.visitReady();
    host.pause = 150;
    await loadNamed(page, `https://${elsewhere}`);
    await page.getByText(/MB a second · about \d+ seconds left/).waitFor();
    await page.getByText('from models.example.').waitFor();
  });
});

describe('files of one’s own', () => {
  test('are read from a folder, named, and kept out of links', async () => {
    const { page, foreign, complaints } = await site.visitReady();
    await openDialog(page);
    await page.getByLabel('8 bits').check();
    await page.getByLabel('Choose a folder').setInputFiles(folder);
    await page.getByText('8-bit weights').waitFor();
    await ready(page);
    expect(await inUse(page)).toBe('stories');
    await page.getByText('stories, read from your own files. A link cannot').waitFor();
    await page.waitForTimeout(400);
    expect(await page.evaluate(() => location.hash)).toBe('');
    await page.reload();
    await ready(page);
    expect(await inUse(page)).toBe('Stories');
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('that are no model say what they lack', async () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'no model '));
    writeFileSync(path.join(empty, 'notes.txt'), 'nothing');
    const { page } = await site.visitReady();
    await openDialog(page);
    await page.getByLabel('Choose a folder').setInputFiles(empty);
    const alert = page.getByRole('alert');
    await alert.getByText('files has no config.json').waitFor();
    await openDialog(page);
    await page
      .getByLabel('Choose files')
      .setInputFiles([`${folder}/config.json`, `${folder}/vocab.json`, `${folder}/merges.txt`]);
    await alert.getByText('files has no model.safetensors').waitFor();
    expect(await alert.textContent()).toContain('config.json could not be loaded.');
    rmSync(empty, { recursive: true });
  });

  test.each([
    ['files', Array.from(stories.keys(), (name) => path.join(folder, name))],
    ['a folder', [folder]],
  ])('can be dropped anywhere, as %s', async (_, files) => {
    const { page, complaints } = await site.visitReady();
    const devtools = await page.context().newCDPSession(page);
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      devtools.send('Input.dispatchDragEvent', {
        type,
        x: 700,
        y: 500,
        data: { items: [], files, dragOperationsMask: 1 },
      });
    await drag('dragEnter');
    await drag('dragOver');
    await page.getByText('Drop a model here').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await drag('drop');
    await textIs(page, general);
    await page.getByText('Drop a model here').waitFor({ state: 'hidden' });
    await page.getByText('read from your own files').waitFor();
    expect(complaints).toEqual([]);
  });

  test('in a folder that cannot be read say so, and can be tried again', async () => {
    const { page, complaints } = await site.visitReady();
    const devtools = await page.context().newCDPSession(page);
    // As of a disk that was pulled out meanwhile: the browser hands out the folder, and then no names.
    await page.evaluate(() => {
      const item = DataTransferItem.prototype;
      const { webkitGetAsEntry } = item;
      item.webkitGetAsEntry = function () {
        const entry = webkitGetAsEntry.call(this) as FileSystemDirectoryEntry;
        item.webkitGetAsEntry = webkitGetAsEntry;
        const reader = Object.getPrototypeOf(entry.createReader()) as FileSystemDirectoryReader;
        const { readEntries } = reader;
        reader.readEntries = (_, fail) => {
          reader.readEntries = readEntries;
          setTimeout(() => fail!(new DOMException('It has gone.', 'NotReadableError')));
        };
        return entry;
      };
    });
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [folder], dragOperationsMask: 1 };
      await devtools.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data });
    }
    const alert = page.getByRole('alert');
    await alert.getByText(`${path.basename(folder)} could not be loaded.`).waitFor();
    expect(await alert.textContent()).toMatch(/A file could not be read\.\s+.*It has gone\./);
    await alert.getByText('Stories is still in use.').waitFor();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('read from your own files').waitFor();
    expect(await alert.count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('that leave the page again leave no sign', async () => {
    const { page } = await site.visitReady();
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    await devtools.send('Input.dispatchDragEvent', { type: 'dragEnter', x: 9, y: 9, data });
    await page.getByText('Drop a model here').waitFor();
    await devtools.send('Input.dispatchDragEvent', { type: 'dragCancel', x: 9, y: 9, data });
    await page.getByText('Drop a model here').waitFor({ state: 'hidden' });
  });
});

describe('weights in 8 bits', () => {
  test('are part of a link', async () => {
    const { page } = await site.visitReady('#model=tang&dtype=q8');
    await page.getByText('8-bit weights').waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('dtype=q8');
    await picker(page).selectOption('stories');
    await page.waitForURL((url) => url.hash.includes('model=stories') && !url.hash.includes('q8'));
  });

  test('are chosen for one model, and found again where one comes back to it', async () => {
    const { page } = await site.visitReady();
    await openDialog(page);
    await page.getByLabel('8 bits').check();
    await row(page, 'Stories').getByRole('button', { name: 'Use' }).click();
    await page.getByText('8-bit weights').waitFor();
    await page.getByText('3.9 MB in memory').waitFor();
    await picker(page).selectOption('tang');
    await page.getByText('15.5 MB in memory').waitFor();
    expect(await page.getByText('8-bit weights').count()).toBe(0);
    await picker(page).selectOption('stories');
    await page.waitForURL(/dtype=q8/);
    await page.reload();
    await page.getByText('8-bit weights').waitFor();
  });
});

const readers = [
  { name: 'light, English', colorScheme: 'light', locale: 'en-GB' },
  { name: 'dark, Chinese', colorScheme: 'dark', locale: 'zh-CN' },
] as const;

describe.each(readers)('the dialog in $name', ({ colorScheme, locale }) => {
  test.each([
    [1440, 900],
    [390, 780],
    [320, 640],
  ])(
    'at %d x %d, axe finds nothing to mend, and nothing lies beyond its edge',
    async (width, height) => {
      const { page } = await site.visitReady('', {
        colorScheme,
        locale,
        viewport: { width, height },
      });
      await page.locator('header select').first().selectOption('openai-community/gpt2');
      await page.locator('#model-named').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      const overflow = await page
        .locator('dialog[open]')
        .evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    },
  );
});
