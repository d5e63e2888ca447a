import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import violationsOn from './support/axe.ts';
import { tourSteps } from '../../web/src/guide/tour.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import { idsOn, ready, Site, unfold, waitForTokens, whole } from './support/page.ts';
import { syntheticFiles } from './support/synthetic.ts';

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
    },
  );

  test('says why in the reader’s language, before the package’s own sentence', async () => {
    const notFound = (route: Route) => route.fulfill({ status: 404 });
    const { page } = await site.visit(
      '',
      { locale: 'zh-CN' },
      respond('**/models/tang/model.safetensors', notFound),
    );
    const alert = page.getByRole('alert');
    await alert.getByText('下载失败。').waitFor();
    expect(await alert.locator('[lang=en]').textContent()).toContain(
      'model.safetensors answered 404',
    );
  });

  test('leaves the one before it in use', async () => {
    const { page } = await site.visitReady();
    await page.context().route('**/models/tang/**', (route) => route.fulfill({ status: 500 }));
    // Also where the language would have brought it; a reload then asks for what is there.
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.getByRole('alert').getByText('仍在使用').waitFor();
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('model=stories');
    await page.getByRole('alert').getByRole('button').last().click();
    await page.getByRole('button', { name: 'Switch to English' }).click();

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

describe('what the model cannot work out', () => {
  /** Calls of the worker that are answered with an error: what they ask for, or of what analysis. */
  const refusing = (...calls: string[]) => ({
    before: (page: Page) =>
      page.addInitScript((calls) => {
        const { postMessage } = Worker.prototype;
        const nameOf = (method: string, request: { json: string; startAtLayer?: number }) => {
          if (method === 'analyze') return (JSON.parse(request.json) as { kind: string }).kind;
          return method === 'run' && request.startAtLayer !== undefined ? 'logits' : method;
        };
        Worker.prototype.postMessage = function (message, ...others: unknown[]) {
          const { refused = calls } = window as { refused?: string[] };
          const isRefused =
            message.type === 'call' && refused.includes(nameOf(message.method, message.args[0]));
          if (!isRefused) return void Reflect.apply(postMessage, this, [message, ...others]);
          const error = { code: 'out-of-memory', message: 'There is no room for so many numbers.' };
          const data = { type: 'reply', id: message.id, error };
          setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
        };
      }, calls),
    cease: (page: Page) => page.evaluate(() => Object.assign(window, { refused: [] })),
  });
  const reason = /There is not enough memory.\s+There is no room for so many numbers/;

  test('as a vector of weights, is said beneath the others', async () => {
    const { before, cease } = refusing('weight');
    const { page, complaints } = await site.visit('#op=layerNorm', {}, before);
    await page.locator('.inspector [role=alert]').getByText(reason).waitFor();
    await page.locator('.vectors figure').first().waitFor();
    expect(await violationsOn(page)).toEqual([]);
    // Elsewhere it is not spoken of; back again, it is tried again.
    await page.locator('.inspector select').selectOption('gelu');
    await page.locator('.inspector [role=alert]').waitFor({ state: 'detached' });
    await cease(page);
    await page.locator('.inspector select').selectOption('layerNorm');
    await page.locator('.vectors').getByText('ln_1.weight').first().waitFor();
    expect(await page.locator('.inspector [role=alert]').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('as the probability of the text, is said in its place', async () => {
    const { before, cease } = refusing('text_loss');
    const { page, complaints } = await site.visit('', {}, before);
    const line = page.getByTestId('likelihood');
    await line.getByRole('alert').getByText(reason).waitFor();
    expect(await line.textContent()).not.toContain('…');
    expect(await violationsOn(page)).toEqual([]);
    await cease(page);
    await page.locator('#prompt').press('End');
    await page.keyboard.type('s');
    await expect.poll(() => page.getByTestId('text-probability').textContent()).toMatch(/\d/);
    expect(await line.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  /** Of a vocabulary as large as this one, rows of logits are worked out when they are looked at. */
  test('as the logits of a position, is said where they would be', async () => {
    const shape = { n_layer: 1, n_head: 1, n_embd: 8, n_positions: 64, vocab_size: 50_000 };
    const files = await syntheticFiles(shape);
    const { before, cease } = refusing('logits');
    const { page, complaints } = await site.visit('#op=unembedding', {}, async (page) => {
      await before(page);
      await page.context().route('**/models/stories/*', (route) => {
        const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
        return route.fulfill({ body: Buffer.from(files.get(name)!) });
      });
    });
    const panel = page.locator('.vectors');
    await panel.getByRole('alert').getByText(reason).waitFor();
    // What was expected at each position.
    const line = page.getByTestId('likelihood');
    expect(await line.getByRole('alert').count()).toBe(0);
    await line.locator('summary').click();
    await line.getByRole('alert').getByText(reason).waitFor();
    expect(await page.getByTestId('text-perplexity').textContent()).toMatch(/\d/);
    // A token is still found by its text, though not weighed.
    await page.locator('[data-position="4"]').dblclick();
    const editor = page.getByTestId('editor');
    await editor.getByRole('alert').getByText(reason).waitFor();
    await page.keyboard.type('#7');
    await editor.locator('.choice[data-id="7"]').waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await cease(page);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await idsOn(page))[4]).toBe(7);
    await panel.locator('figure').filter({ hasText: 'logits [' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('a part of the page that cannot be fetched', () => {
  const refuse = (route: Route) => route.abort();
  const alert = (page: Page) => page.getByRole('alert');
  /** What was in the way is gone, and the person tries again. */
  async function tryAgain(page: Page, file: RegExp) {
    await page.context().unroute(file);
    await alert(page)
      .getByRole('button', { name: /Try again|重试/ })
      .click();
    await alert(page).waitFor({ state: 'detached' });
  }

  test.each<[string, RegExp, (page: Page) => Promise<unknown>, string]>([
    ['the words of the first operation', /softmax\.en-/, async () => {}, '.about math'],
    [
      'the words of the others',
      /operations\.en-/,
      (page) => page.locator('.inspector select').selectOption('gelu'),
      '.about math',
    ],
    [
      'the explanation of a number',
      /WhyNumber-.*js/,
      (page) => page.locator('.inspector select').selectOption('gelu'),
      '[data-testid=why]',
    ],
    [
      'the article',
      /article\.en-/,
      (page) => page.locator('.article summary').click(),
      '#article-reading',
    ],
  ])('as %s, says so, and can be tried again', async (_, file, open, there) => {
    const { page } = await site.visit('', {}, (page) => page.context().route(file, refuse));
    await ready(page);
    await open(page);
    await alert(page).getByText('This part of the page could not be loaded.').waitFor();
    expect(await page.locator(there).count()).toBe(0);
    expect(await violationsOn(page)).toEqual([]);
    await tryAgain(page, file);
    await page.locator(there).first().waitFor();
  });

  test('as another language’s words of operations, leaves the ones before it', async () => {
    const file = /softmax\.zh-CN-/;
    const { page } = await site.visitReady();
    await page.locator('.about math').first().waitFor();
    await page.context().route(file, refuse);
    await page.getByRole('button', { name: '切换到中文' }).click();
    await alert(page).getByText('页面的这一部分加载失败。').waitFor();
    const words = page.locator('.about > p:not([role])').first();
    expect(await words.textContent()).toMatch(/[a-z]{4}/);
    await tryAgain(page, file);
    await expect.poll(() => words.textContent()).toMatch(/[\u4e00-\u9fff]{4}/);
  });

  describe('as another language', () => {
    const file = /\/zh-CN-/;
    const missing = 'The page’s Chinese text could not be loaded.';

    test('leaves the one before it, and the model with it', async () => {
      const { page } = await site.visitReady();
      await page.context().route(file, refuse);
      await page.getByRole('button', { name: '切换到中文' }).click();
      await alert(page).getByText(missing).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      expect(await violationsOn(page)).toEqual([]);
      expect(await page.getByTestId('count').textContent()).toContain('of 256');
      await tryAgain(page, file);
      await page.locator('html[lang|=zh]').waitFor();
      await page.getByTestId('count').filter({ hasText: '128' }).waitFor();
    });

    test('need not be tried again', async () => {
      const { page } = await site.visitReady();
      await page.context().route(file, refuse);
      await page.getByRole('button', { name: '切换到中文' }).click();
      await alert(page).getByRole('button', { name: 'Not now' }).click();
      await alert(page).waitFor({ state: 'detached' });
    });

    test('that was chosen before, leaves English for now', async () => {
      const { page } = await site.visitReady();
      await page.getByRole('button', { name: '切换到中文' }).click();
      await page.waitForURL(/lang=zh-CN/);
      await page.context().route(file, refuse);
      await page.reload();
      await alert(page).getByText(missing).waitFor();
      await page.waitForURL(({ hash }) => !hash.includes('lang'));
      await page.context().unroute(file);
      await page.reload();
      await page.locator('html[lang|=zh]').waitFor();
      expect(await alert(page).count()).toBe(0);
    });
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    ['is too long', '', 'The dog ran. '.repeat(100), 'this model reads at most 256'],
    ['has an unknown character', '#model=nano', 'CADB=é', 'This model has no token for é'],
  ])('where a text %s, pictures fade and words stay readable', async (_, hash, text, said) => {
    const { page } = await site.visitReady(hash, { colorScheme });
    await whole(page);
    const fading = page.locator(
      '.flow canvas, [data-focus=map] canvas, [data-focus=candidates] .bar',
    );
    const opacities = async () => [
      ...new Set(
        await fading.evaluateAll((each) => each.map((part) => getComputedStyle(part).opacity)),
      ),
    ];
    expect(await opacities()).toEqual(['1']);
    await page.fill('#prompt', text);
    await page.getByText(said).waitFor();
    await expect.poll(opacities).toEqual(['0.4']);
    expect(await violationsOn(page)).toEqual([]);
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

  describe('forbids itself', () => {
    const attempts: [name: string, directive: string, attempt: () => unknown][] = [
      ['eval', 'script-src', () => (0, eval)('window.intruder = true')],
      ['code made of text', 'script-src', () => Function('window.intruder = true')()],
      [
        'inline scripts',
        'script-src-elem',
        () => {
          const script = document.createElement('script');
          script.textContent = 'window.intruder = true';
          document.head.append(script);
        },
      ],
      [
        'handlers in attributes',
        'script-src-attr',
        () => {
          document.body.insertAdjacentHTML('beforeend', '<p id="trap" onclick="intruder = true">');
          document.getElementById('trap')!.click();
        },
      ],
      [
        'scripts of other hosts',
        'script-src-elem',
        () => {
          const script = document.createElement('script');
          script.src = 'https://elsewhere.invalid/script.js';
          document.head.append(script);
        },
      ],
      [
        'inline styles',
        'style-src-elem',
        () => {
          const style = document.createElement('style');
          style.textContent = 'h1 { color: rgb(1, 2, 3) }';
          document.head.append(style);
        },
      ],
      [
        'styles in attributes',
        'style-src-attr',
        () => document.querySelector('h1')!.setAttribute('style', 'color: rgb(1, 2, 3)'),
      ],
      [
        'pictures of other hosts',
        'img-src',
        () => void (new Image().src = 'https://elsewhere.invalid/picture.png'),
      ],
      [
        'frames',
        'frame-src',
        () => {
          const frame = document.createElement('iframe');
          frame.src = 'https://elsewhere.invalid/';
          document.body.append(frame);
        },
      ],
      [
        'data that comes without TLS',
        'connect-src',
        () => void fetch('http://elsewhere.invalid/data').catch(() => {}),
      ],
    ];
    test.each(attempts)('%s', async (_, directive, attempt) => {
      const { page } = await site.visitReady();
      // The test's own code may do anything; what it leaves behind for later may not.
      const refused = await page.evaluate(`new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
          resolve(effectiveDirective));
        setTimeout(${String(attempt)});
      })`);
      expect(refused).toBe(directive);
      expect(await page.evaluate(() => 'intruder' in window)).toBe(false);
      const color = await page.locator('h1').evaluate((title) => getComputedStyle(title).color);
      expect(color).not.toBe('rgb(1, 2, 3)');
    });
  });

  test('breaks none of its own rules, whatever it is used for', async () => {
    const refused: string[] = [];
    const visit = await site.visit('', { acceptDownloads: true }, async (page) => {
      await page.exposeFunction('noteRefused', (what: string) => refused.push(what));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          const { effectiveDirective, blockedURI, sourceFile } = event;
          const note = (window as unknown as { noteRefused: (what: string) => void }).noteRefused;
          note([effectiveDirective, blockedURI, sourceFile].join(' '));
        });
      });
    });
    const { page, complaints, foreign } = visit;
    await ready(page);
    await page.locator('[data-tour-button]').click();
    const card = page.locator('#tour');
    for (const { id } of tourSteps.slice(1)) {
      await card.getByRole('button', { name: 'Next' }).click();
      await page.waitForURL(new RegExp(`tour=${id}`));
    }
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    for (const operation of operationIds) {
      await page.locator('.inspector select').selectOption(operation);
      await unfold(page.locator('.inspector'));
    }
    await page.getByRole('button', { name: 'Generate a token' }).click();
    await page.getByRole('button', { name: 'Replay' }).click();
    const measures = await page.locator('[data-focus=map] .measures button').all();
    expect(measures).toHaveLength(4);
    for (const measure of measures) {
      await measure.click();
      await expect.poll(() => measure.getAttribute('aria-pressed')).toBe('true');
    }
    // Pictures are drawn anew as files.
    await page.getByRole('button', { name: 'Save: The flow' }).click();
    for (const kind of ['PNG', 'SVG']) {
      const file = page.waitForEvent('download');
      await page.getByRole('button', { name: kind, exact: true }).click();
      await (await file).path();
    }
    await page.keyboard.press('Escape');
    await page.getByLabel('Model').first().selectOption('Another model…');
    await page.getByRole('dialog', { name: 'Models' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.article summary').click();
    await page.locator('#article-reading').waitFor();
    await page.getByRole('button', { name: '切换到中文' }).click();
    await page.locator('html[lang|=zh]').waitFor();
    expect(refused).toEqual([]);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
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
