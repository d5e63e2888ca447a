/** What the walks over the page would see: a number of any source that is wrong, and one without a source. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load, type Model } from 'glassformer';
import type { Page } from 'playwright-core';
import { Site, waitForText } from './support/page.ts';
import { type Heard, saidOn } from './support/said_numbers.ts';
import { numbersOn } from './support/shown_numbers.ts';
import { Truth } from './support/truth.ts';
import { shows, unfolded } from './support/walk.ts';

let site: Site;
let model: Model;
beforeAll(async () => {
  site = await Site.open();
  model = await load(new URL('../../weights/stories/', import.meta.url));
});
afterAll(async () => {
  await model.dispose();
  await site.close();
});

/** All that the page's components and formulas name as a source. */
function sourcesNamed(): string[] {
  const folder = fileURLToPath(new URL('../../web/src/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => /\.(svelte|ts)$/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  const names = texts.flatMap((text) =>
    Array.from(text.matchAll(/data-source(?:="|': ')(\w+)/g), ([, name]) => name!),
  );
  return [...new Set(names)];
}

/**
 * Writes something else in the place of a number whose source is of a kind that is not among `known`, and
 * says of which; null where there is none left. The words that it returns are put back by `restore`.
 */
const falsify = (page: Page, known: readonly string[]): Promise<string | null> =>
  page.evaluate((known) => {
    const sourced = '[data-tensor][data-index], [data-stage], [data-source]';
    for (const element of document.querySelectorAll<HTMLElement>(sourced)) {
      const { tensor, stage, source, path = '' } = element.dataset;
      // Each identity has the same columns, and each model the same sizes.
      const part = (source === 'download' ? path.split(' ')[0]! : path)
        .replace(/\d+/g, '#')
        .replace(/\|.*|^.* = #|^\w+\.(?=compared|error|allowed|size)/, '');
      const kind = tensor
        ? `tensor ${/output$|dot_products$/.exec(tensor)?.[0] ?? ''}`.trim()
        : stage
          ? `stage ${stage}`
          : `${source!} ${part}`.trim();
      const isSeen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      if (known.includes(kind) || !isSeen) continue;
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const around = node.parentElement!;
        if (around.closest(sourced) !== element) continue;
        const isLetters = element.matches('.token');
        if (!isLetters && around.closest('.token, code, .unseen')) continue;
        const text = node.textContent!;
        if (!isLetters && !/\d/.test(text)) continue;
        element.dataset.falsified = text;
        node.textContent = isLetters ? `${text}x` : text.replace(/\d/, '999$&');
        return kind;
      }
    }
    return null;
  }, known);

/** Writes another number as the last of what is said where nothing is seen; then what was there. */
const mishear = (page: Page, said: Heard['texts'][number]) =>
  page.evaluateHandle(({ rule, attribute, text }) => {
    const isSaid = (element: Element) =>
      (attribute === null ? element.textContent : element.getAttribute(attribute)) === text;
    const element = Array.from(document.querySelectorAll(rule)).find(isSaid)!;
    const last = /\d[\d.,]*\D*$/;
    const nodes = document.createNodeIterator(element, NodeFilter.SHOW_TEXT);
    let node: Node = element.getAttributeNode(attribute ?? '') ?? nodes.nextNode()!;
    for (let next; attribute === null && (next = nodes.nextNode());) {
      if (last.test(next.nodeValue!)) node = next;
    }
    const right = node.nodeValue!;
    node.nodeValue = right.replace(last, '999$&');
    return () => (node.nodeValue = right);
  }, said);

/** A wrong number is seen wherever one is said, of which there is a rule for each kind. */
async function falsifySaid(page: Page, truth: Truth, known: Set<string>): Promise<void> {
  for (const said of (await saidOn(page)).texts) {
    if (known.has(said.rule)) continue;
    known.add(said.rule);
    const undo = await mishear(page, said);
    await expect(truth.expectOn(page), said.text).rejects.toThrow();
    await undo.evaluate((restore) => restore());
  }
}

const restore = (page: Page) =>
  page.evaluate(() => {
    const element = document.querySelector<HTMLElement>('[data-falsified]')!;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!/999\d|x$/.test(node.textContent!)) continue;
      node.textContent = element.dataset.falsified!;
      break;
    }
    delete element.dataset.falsified;
  });

test('a wrong number is seen, whatever its source', async () => {
  const { page } = await site.visitReady('#topp=0.99&op=gelu');
  const before = await page.inputValue('#prompt');
  await page.fill('#prompt', `${before} who`);
  await waitForText(page);
  await page.locator('[data-source=reused]').waitFor();
  let truth = await Truth.on(page, model, { before });
  await page.getByRole('button', { name: 'Strength' }).click();
  await page.locator('[data-source=map]').first().waitFor();
  await page.locator('[data-focus=candidates] [type=search]').fill('girl');
  await page.locator('[data-source=found]', { hasText: /\d/ }).waitFor();
  await page.locator('[data-focus=truth]').scrollIntoViewIfNeeded();
  await page.locator('[data-identity]').first().waitFor({ timeout: 40_000 });
  const known: string[] = [];
  const heard = new Set<string>();
  const falsifyAll = async () => {
    await truth.expectOn(page);
    for (;;) {
      const kind = await falsify(page, known);
      if (kind === null) break;
      known.push(kind);
      await expect(truth.expectOn(page), kind).rejects.toThrow();
      await restore(page);
    }
    await falsifySaid(page, truth, heard);
    await truth.expectOn(page);
  };
  await shows(page, 'gelu');
  // What is said of a place there stays while the keyboard does.
  await page.locator('.flow [role=application]').focus();
  await page.keyboard.press('Home');
  await page.locator('#flow-place', { hasText: /\d/ }).waitFor({ state: 'attached' });
  await falsifyAll();
  await page.locator('[data-focus=candidates] [type=search]').fill('');
  await page.getByTestId('rest').waitFor();
  for (const operation of [
    'tokenization',
    'scores',
    'mask',
    'temperature',
    'topK',
    'sampling',
  ] as const) {
    await page.locator('.inspector select').selectOption(operation);
    await shows(page, operation);
    if (operation === 'scores') await unfolded(page);
    await falsifyAll();
  }
  await page.locator('[data-focus=candidates] .probability button').nth(1).click();
  await page.getByTestId('tempered').waitFor();
  await falsifyAll();
  await page.locator('.inspector select').selectOption('softmax');
  await shows(page, 'softmax');
  await unfolded(page);
  await falsifyAll();
  await page.locator('.inspector select').selectOption('unembedding');
  await shows(page, 'unembedding');
  await unfolded(page);
  await falsifyAll();
  expect(known).toContain('tensor output');
  expect(known).toContain('tensor dot_products');
  await page.locator('[data-position="4"]').dblclick();
  await page.locator('[data-testid=editor] [type=search]').fill('a');
  await page.keyboard.press('Enter');
  await page.locator('.actions .unseen', { hasText: 'Position 4 is now' }).waitFor();
  await waitForText(page);
  truth = await Truth.on(page, model, { before: `${before} who` });
  await page.getByLabel('Model').first().selectOption('Another model…');
  await page.locator('[data-model]').first().waitFor();
  await falsifyAll();
  const tried = new Set(known.map((kind) => kind.split(' ')[0]!));
  // Of a download under way models.page.test.ts tells.
  const named = sourcesNamed().filter((name) => name !== 'arriving');
  expect([...tried].sort()).toEqual(['stage', 'tensor', ...named].sort());
  expect([...heard].sort()).toEqual((await saidOn(page)).rules.sort());
});

test('a number without a source is seen', async () => {
  const { page } = await site.visitReady('#why=blocks.1.hook_resid_mid:3,17');
  await page.getByTestId('why').locator('table').first().waitFor();
  await page.evaluate(() => {
    document.querySelector('.why .hint')!.removeAttribute('data-source');
    document.querySelector('.why .hint')!.textContent = 'Why 42?';
    document.querySelector('h1')!.title = 'Why 43?';
  });
  const { unsourced } = await numbersOn(page);
  expect(unsourced).toHaveLength(1);
  expect(unsourced[0]).toContain('Why 42?');
  expect((await saidOn(page)).unsourced).toEqual([expect.stringContaining('Why 43?')]);
  const truth = await Truth.on(page, model);
  await expect(truth.expectOn(page)).rejects.toThrow(/Why 42/);
});
