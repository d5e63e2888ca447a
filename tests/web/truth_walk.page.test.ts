/**
 * A walk over the whole page, as a person would take it. Whatever number is seen on the way names its
 * source, and is what the package computes under Node, to the digits that are printed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Explanation,
  load,
  type LogitAttribution,
  type LogitLens,
  type Model,
  type SamplingStages,
  type TextLoss,
} from 'glassformer';
import type { Page } from 'playwright-core';
import { parseAddress } from '../../web/src/state/address.ts';
import { attentionSpread } from '../../web/src/view/attention.ts';
import { firstSubject } from '../../web/src/view/focus.ts';
import { statisticsOf } from '../../web/src/view/flow/vectors.ts';
import { stations } from '../../web/src/view/flow/stations.ts';
import { mapMeasures } from '../../web/src/view/head_map.ts';
import { operationIds } from '../../web/src/view/operations.ts';
import type { Sampling } from '../../web/src/view/sampling.ts';
import { numberIn } from './support/numbers.ts';
import { idsOn, Site, unfold } from './support/page.ts';
import {
  numbersOn,
  printedIn,
  printedPrecision,
  type ShownNumber,
} from './support/shown_numbers.ts';

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

interface Numbers {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** The package's own numbers for the text that a page shows. */
class Truth {
  readonly #model: Model;
  readonly #ids: readonly number[];
  readonly #tensors: Map<string, Numbers>;
  readonly #sizes = new Map<string, number>();
  readonly #explanations = new Map<string, Explanation>();
  #stages!: SamplingStages;
  #loss!: TextLoss;
  #lens!: LogitLens;
  #attribution!: LogitAttribution;
  compared = 0;

  private constructor(model: Model, ids: readonly number[], tensors: Map<string, Numbers>) {
    this.#model = model;
    this.#ids = ids;
    this.#tensors = tensors;
  }

  static async of(model: Model, ids: readonly number[], sampling: Sampling): Promise<Truth> {
    const { cache, logits } = await model.runWithCache(ids);
    const truth = new Truth(model, ids, new Map<string, Numbers>([...cache, ['logits', logits]]));
    truth.sampledWith(sampling);
    truth.#loss = await model.textLoss([...ids]);
    truth.#attribution = await model.logitAttribution([...ids]);
    truth.#lens = await model.logitLens([...ids], { top: 1 });
    return truth;
  }

  sampledWith({ greedy, temperature, ...rest }: Sampling): void {
    const { data, dims } = this.#tensors.get('logits')!;
    const last = data.slice(-dims[1]!);
    const options = { ...rest, temperature: greedy ? 0 : temperature, step: this.#ids.length };
    this.#stages = this.#model.sample(last, options);
  }

  async #tensor(name: string): Promise<Numbers> {
    const known = this.#tensors.get(name) ?? (await this.#model.weight(name));
    this.#tensors.set(name, known);
    return known;
  }

  /** The largest number of a tensor, to which the rounding of its computation is compared. */
  async #sizeOf(name: string): Promise<number> {
    const known = this.#sizes.get(name);
    if (known !== undefined) return known;
    const { data } = await this.#tensor(name);
    const size = data.reduce(
      (most, value) => (Math.abs(value) < Infinity ? Math.max(most, Math.abs(value)) : most),
      0,
    );
    this.#sizes.set(name, size);
    return size;
  }

  async #explain(name: string, index: readonly number[]): Promise<Explanation> {
    const key = `${name}:${index.join()}`;
    const known =
      this.#explanations.get(key) ??
      (await this.#model.explain([...this.#ids], name, index, { terms: 8 }));
    this.#explanations.set(key, known);
    return known;
  }

  /** `size`: of the numbers it was computed from; kinds of the module differ by 1e-6 of that. */
  #expectPrinted(text: string, expected: number, size: number, what: string): void {
    this.compared += 1;
    const shown = numberIn(text.replaceAll(',', ''));
    if (!Number.isFinite(expected)) return expect(shown, what).toBe(expected);
    const allowed =
      1.001 * printedPrecision(text) + 3e-6 * Math.abs(size) + 1e-5 * Math.abs(expected);
    const why = `${what}: “${text}” is ${expected}`;
    expect(Math.abs(shown - expected), why).toBeLessThanOrEqual(allowed);
  }

  /** Every number that is compared, and of those that are not, that they name a known source. */
  async expectAll(
    numbers: readonly ShownNumber[],
    subject: { tensor: string; index: number[] } | null,
  ): Promise<void> {
    // The candidates' table has the logit of each.
    const listed = new Set(
      numbers.filter(({ stage }) => stage === 'logits').map(({ token }) => token!),
    );
    for (const number of numbers) {
      if (number.tensor) await this.#expectEntry(number);
      else if (number.stage) this.#expectStage(number);
      else if (number.source === 'explanation') await this.#expectExplained(number, subject!);
      else if (number.source === 'walk' || number.source === 'term')
        await this.#expectAdded(number, subject!);
      else if (number.source === 'cell') await this.#expectOfCell(number);
      else if (number.source === 'statistics') await this.#expectStatistics(number);
      else if (number.source === 'map') await this.#expectOnMap(number);
      else this.#expectWorkedOut(number, listed);
    }
  }

  async #expectEntry({ text, tensor, index }: ShownNumber): Promise<void> {
    const name = tensor!;
    if (name === 'probabilities') {
      const { value } = await this.#explain(name, index!);
      return this.#expectPrinted(text, value, 1, name);
    }
    const { data, dims } = await this.#tensor(name);
    const place = index!.reduce((at, number, axis) => at * dims[axis]! + number, 0);
    const what = `${name}[${index!.join()}]`;
    this.#expectPrinted(text, data[place]!, await this.#sizeOf(name), what);
  }

  #expectStage({ text, stage, token }: ShownNumber): void {
    // A dash: the token was cut.
    if (text === '—') return;
    const values = this.#stages[stage as 'logits'] as Float32Array | number;
    const expected = typeof values === 'number' ? values : values[token!]!;
    // Within a sentence the draw comes last.
    const [shown] = printedIn(text).slice(-1);
    if (shown === undefined) return;
    const size = stage === 'logits' || stage === 'scaled' ? 20 : 1e-3;
    this.#expectPrinted(shown, expected, size, `${stage} of ${token}`);
  }

  async #expectExplained(
    { text, path }: ShownNumber,
    subject: { tensor: string; index: number[] },
  ): Promise<void> {
    const explanation = await this.#explain(subject.tensor, subject.index);
    const found = path!
      .split('.')
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], explanation);
    const what = `${subject.tensor}[${subject.index.join()}], ${path}`;
    const largest = Math.max(...explanation.terms.map(({ value }) => Math.abs(value)), 0);
    const [shown] = printedIn(text);
    // A single other term is counted in words.
    if (shown === undefined) return;
    this.#expectPrinted(shown, found as number, Math.max(largest, 1), what);
  }

  /** What a cell of the attention matrix is made of: products of its query and key, or exponentials of its row. */
  async #expectOfCell({ text, of, from, path }: ShownNumber): Promise<void> {
    const within = (name: string) => this.#tensor(of!.replace(/hook_\w+$/, name));
    const [head, query, key] = from as [number, number, number];
    const scores = await within('hook_attn_scores');
    const tokens = scores.dims[1]!;
    const start = (head * tokens + query) * tokens;
    const [kind, place] = path!.split('.');
    const what = `${of}[${from!.join()}], ${path}`;
    if (of!.endsWith('pattern')) {
      const row = Array.from(scores.data.subarray(start, start + query + 1));
      const max = Math.max(...row);
      const exponentials = row.map((score) => Math.exp(score - max));
      const total = exponentials.reduce((sum, each) => sum + each, 0);
      const value = { max, exp: exponentials[key]!, Z: total }[kind!]!;
      return this.#expectPrinted(text, value, Math.max(1, Math.abs(max)), what);
    }
    const [q, k] = [await within('hook_q'), await within('hook_k')];
    const width = q.dims[2]!;
    const at = (position: number, d: number) => (position * q.dims[1]! + head) * width + d;
    const factor = 1 / Math.sqrt(width);
    const product = (d: number) => q.data[at(query, d)]! * k.data[at(key, d)]!;
    const products = Array.from({ length: width }, (_, d) => product(d));
    const dot = products.reduce((sum, each) => sum + each, 0);
    const size = products.reduce((sum, each) => sum + Math.abs(each), 0);
    const values: Record<string, number> = {
      dot,
      factor,
      total: dot * factor,
      product: products[Number(place)]!,
      scaled: products[Number(place)]! * factor,
    };
    this.#expectPrinted(text, values[kind!]!, kind === 'factor' ? 1 : size, what);
  }

  async #expectStatistics({ text, of, from, count }: ShownNumber): Promise<void> {
    const { data, dims } = await this.#tensor(of!);
    const start = from!.reduce((at, number, axis) => at * dims[axis]! + number, 0);
    const { min, max, mean, deviation, norm } = statisticsOf(data.subarray(start, start + count!));
    const size = await this.#sizeOf(of!);
    const shown = printedIn(text);
    expect(shown, text).toHaveLength(5);
    for (const [place, value] of [min, max, mean, deviation, norm].entries()) {
      this.#expectPrinted(shown[place]!, value, size, `statistics of ${of}, ${place}`);
    }
  }

  /** A sum that is added up term by term: what a term is, and what it amounts to in the end. */
  async #expectAdded(
    { text, source, path }: ShownNumber,
    { tensor, index }: { tensor: string; index: number[] },
  ): Promise<void> {
    const terms = 100_000;
    const whole = await this.#model.explain([...this.#ids], tensor, index, { terms });
    const size = whole.terms.reduce((sum, { value }) => sum + Math.abs(value), 0);
    if (source === 'walk') {
      // While it is played the sum is on its way.
      if (Number(path) === whole.terms.length) {
        this.#expectPrinted(text, whole.total, size, `the sum of ${tensor}`);
      }
      return;
    }
    const [label, factor] = path!.split('|');
    const every = [whole, ...whole.quantities].flatMap(({ terms }) => terms);
    const term = every.find((each) => each.label === label)!;
    const value = factor === undefined ? term.value : term.factors[Number(factor)]!.value;
    this.#expectPrinted(text, value, Math.max(size, Math.abs(value)), `${label} of ${tensor}`);
  }

  /** What colours the map of heads. */
  async #expectOnMap({ text, path }: ShownNumber): Promise<void> {
    const [measure, ...place] = path!.split('.');
    const [block, head] = place.map(Number) as [number, number];
    const tokens = this.#ids.length;
    const values: Record<string, () => Promise<number>> = {
      spread: async () => {
        const { data, dims } = await this.#tensor(`blocks.${block}.attn.hook_pattern`);
        return attentionSpread({ heads: dims[0]!, tokens, data }, head);
      },
      strength: async () => {
        const name = `blocks.${block}.attn.hook_result`;
        const { cache } = await this.#model.runWithCache(this.#ids, { names: [name] });
        return Math.hypot(...cache.get(name).slice(tokens - 1, head).data);
      },
      contribution: async () =>
        this.#attribution.terms.find((term) => term.block === block && term.head === head)!.value,
    };
    this.#expectPrinted(printedIn(text)[0]!, await values[measure!]!(), 1, path!);
  }

  /** How probable the text is, and a token of it. */
  #expectOfLoss(text: string, path: string): void {
    const { losses, ranks, perplexity } = this.#loss;
    const logarithm = -losses.data.reduce((sum, loss) => sum + loss, 0);
    const [name, position] = path.split('.');
    const shown = printedIn(text).map((part) => numberIn(part.replaceAll(',', '')));
    if (name === 'hits') {
      expect(shown).toEqual([ranks.filter((rank) => rank === 0).length, ranks.length]);
    } else if (name === 'ranks') {
      expect(shown).toEqual([ranks[Number(position) - 1]! + 1]);
    } else {
      const value = { logarithm, perplexity, probability: Math.exp(logarithm) }[name!]!;
      this.#expectPrinted(text, value, value, path);
    }
  }

  /** What the page adds up itself. */
  #expectWorkedOut({ text, source, path }: ShownNumber, listed: ReadonlySet<number>): void {
    const { order, afterTopK, afterTopP, filtered, token } = this.#stages;
    const shown = printedIn(text);
    switch (source) {
      case 'tokens':
        expect(this.#ids).toContain(Number(text));
        break;
      case 'sum':
        this.#expectPrinted(text, 1, 1, 'sum of a row');
        break;
      case 'lens': {
        const [layer, position] = path!.split('.').map(Number);
        const { probability } = this.#lens.layers[layer!]!.positions[position!]!.top[0]!;
        this.#expectPrinted(text, probability, 1e-2, `lens ${path}`);
        break;
      }
      case 'loss':
        this.#expectOfLoss(text, path!);
        break;
      case 'rank':
        expect(numberIn(shown[0]!.replaceAll(',', ''))).toBe(order.indexOf(token) + 1);
        break;
      case 'share': {
        const before = order.slice(0, order.indexOf(token));
        const start = before.reduce((sum, id) => sum + filtered[id]!, 0);
        this.#expectPrinted(shown[0]!, start, 1, 'share');
        this.#expectPrinted(shown[1]!, start + filtered[token]!, 1, 'share');
        break;
      }
      case 'cumulative': {
        const sums = [afterTopK, afterTopP].map((kept) =>
          order.slice(0, kept).reduce((sum, id) => sum + this.#stages.probabilities[id]!, 0),
        );
        const near = sums.some((sum) => Math.abs(numberIn(text) - Math.min(1, sum)) < 1e-3);
        expect(near, `${text} of ${sums.join()}`).toBe(true);
        break;
      }
      case 'rest': {
        const others = order.filter((id) => !listed.has(id));
        const values = path && this.#stages[path as 'probabilities' | 'filtered'];
        const sum = values ? others.reduce((total, id) => total + values[id]!, 0) : others.length;
        // A dash: none of them is kept.
        if (text === '—') expect(sum).toBe(0);
        else this.#expectPrinted(shown[0]!.replaceAll(',', ''), sum, 1e-2, `the rest, ${path}`);
        break;
      }
      default:
        expect([
          'rounding',
          'shape',
          'setting',
          'subject',
          'count',
          'reused',
          'truth',
          'guide',
        ]).toContain(source);
    }
  }
}

/** All numbers that are seen now are true. */
async function expectTrue(page: Page, truth: Truth): Promise<void> {
  const { numbers, explained, unsourced } = await numbersOn(page);
  expect(unsourced).toEqual([]);
  await truth.expectAll(numbers, explained);
}

const sampling = (page: Page) => parseAddress(new URL(page.url()).hash).sampling;

/** Until the inspector shows the operation, and explains a number of it. */
async function shows(page: Page, operation: (typeof operationIds)[number], block: number) {
  const known = { block, head: 0, query: 1, tokens: 2, key: 0, best: 0, rowOf: () => null };
  const name = firstSubject(operation, known)?.name ?? null;
  await page.waitForFunction(
    ([wanted, tensor]) => {
      const select = document.querySelector<HTMLSelectElement>('.inspector select')!;
      const shown = document.querySelector<HTMLElement>('.number-shown');
      return select.value === wanted && (tensor === null || shown?.dataset.tensor === tensor);
    },
    [operation, name] as const,
  );
}

async function walkOperations(page: Page, truth: Truth, block: number): Promise<void> {
  for (const operation of operationIds) {
    await shows(page, operation, block);
    await expectTrue(page, truth);
    await page.getByRole('button', { name: /^(Next operation|下一个运算)$/ }).click();
  }
}

describe.each([
  ['stories', 'en-GB', ''],
  ['tang', 'zh-CN', ''],
] as const)('every number that is seen of %s', (name, locale, hash) => {
  let page: Page;
  let truth: Truth;
  beforeAll(async () => {
    ({ page } = await site.visitReady(hash, { locale }));
    truth = await Truth.of(models[name], await idsOn(page), sampling(page));
  });
  afterAll(() => page.context().close());

  const places = [
    [0, 0],
    [0, 4],
    [5, 0],
    [5, 4],
  ] as const;
  test.each(places)('in block %d, head %d, of all operations', async (block, head) => {
    await page.locator(`[role=gridcell][data-block="${block}"][data-head="${head}"]`).click();
    const count = (await idsOn(page)).length;
    // In the second language one place is as good as four.
    const positions = name === 'stories' ? [0, count >> 1, count - 1] : [count - 1];
    for (const position of positions) {
      await page.locator(`[data-position="${position}"]`).click();
      const first = page.locator('.inspector select');
      await first.selectOption('tokenization');
      await walkOperations(page, truth, block);
    }
    expect(truth.compared).toBeGreaterThan(1000);
  });

  test('in the flow, by keyboard', async () => {
    const stage = page.locator('.flow [role=application]');
    await stage.focus();
    await page.keyboard.press('Home');
    for (let step = 0; step < stations.length; step += 1) {
      await page.locator('.flow .readout b').waitFor();
      await expectTrue(page, truth);
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
      await expectTrue(page, truth);
      await page.locator('.compact [role=slider]').hover();
      await expectTrue(page, truth);
    }
    await page.locator('.measures button').first().click();
  });

  test('in the tables that can be opened', async () => {
    for (const operation of ['softmax', 'layerNorm', 'mlpUp', 'residual'] as const) {
      await page.locator('.inspector select').selectOption(operation);
      await shows(page, operation, 5);
      await unfold(page.locator('.inspector'));
      await expectTrue(page, truth);
    }
    expect(truth.compared).toBeGreaterThan(2500);
  });

  test('among the candidates, however the next token is sampled', async () => {
    const more = page.getByRole('button', { name: /^(Show more|显示更多|更多)$/ });
    if ((await more.count()) > 0) await more.click();
    const sliders = page.locator('fieldset input[type=range]');
    const change = async (place: number, value: string, said: RegExp) => {
      await sliders.nth(place).fill(value);
      await page.waitForFunction((pattern) => new RegExp(pattern).test(location.hash), said.source);
    };
    for (const [place, value, said] of [
      [0, '1.3', /temperature=1\.3/],
      [1, '30', /topk=\d/],
      [2, '0.7', /topp=0\.7/],
    ] as const) {
      await change(place, value, said);
      truth.sampledWith(sampling(page));
      for (const operation of ['temperature', 'topK', 'topP', 'sampling'] as const) {
        await page.locator('.inspector select').selectOption(operation);
        await expectTrue(page, truth);
      }
    }
    await page.locator('fieldset input[type=checkbox]').check();
    await page.waitForFunction(() => location.hash.includes('greedy=1'));
    truth.sampledWith(sampling(page));
    await expectTrue(page, truth);
  });
});

describe('the walk itself', () => {
  test('would see a number that is wrong, and one without a source', async () => {
    const { page } = await site.visitReady('#why=blocks.1.hook_resid_mid:3,17');
    await page.getByTestId('why').locator('table').first().waitFor();
    const truth = await Truth.of(models.stories, await idsOn(page), sampling(page));
    await expectTrue(page, truth);
    await page.evaluate(() => {
      const value = document.querySelector('.number-shown')!;
      value.textContent = '0.98765';
    });
    await expect(expectTrue(page, truth)).rejects.toThrow(/0\.98765/);
    await page.evaluate(() => {
      document.querySelector('.why .hint')!.removeAttribute('data-source');
      document.querySelector('.why .hint')!.textContent = 'Why 42?';
    });
    const { unsourced } = await numbersOn(page);
    expect(unsourced).toHaveLength(1);
    expect(unsourced[0]).toContain('Why 42?');
    await page.context().close();
  });
});
