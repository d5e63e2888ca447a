// What the package computes under Node, beside what a page shows.
import type {
  Explanation,
  LogitAttribution,
  LogitLens,
  Model,
  SamplingStages,
  TextLoss,
} from 'glassformer';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import manifest from '../../../weights/manifest.json';
import { type GuideValueName, guideValueNames } from '../../../web/src/guide/values.ts';
import { parseAddress } from '../../../web/src/state/address.ts';
import { runModel } from '../../../web/src/state/model_client.ts';
import { checkRun } from '../../../web/src/state/truth_check.ts';
import { vocabularyOf } from '../../../web/src/state/vocabulary.ts';
import {
  attentionSpread,
  dotProductsBlock,
  dotProductsName,
  patternBytes,
  patternName,
  patternRow,
  strongestKey,
} from '../../../web/src/view/attention.ts';
import { nameOf } from '../../../web/src/view/explanation.ts';
import { formulaParts } from '../../../web/src/view/explained_terms.ts';
import { blockOf } from '../../../web/src/view/focus.ts';
import { flowTensors, normScales } from '../../../web/src/view/flow/stations.ts';
import { largestMagnitude, statisticsOf } from '../../../web/src/view/flow/vectors.ts';
import { contributionsOf, strengthsOf } from '../../../web/src/view/head_map.ts';
import {
  type Comparison,
  type Finding,
  type IdentityId,
  Tally,
  unitRoundoff,
} from '../../../web/src/view/identities.ts';
import { embeddedModels } from '../../../web/src/view/models.ts';
import { isNormOutput, normalizedOf } from '../../../web/src/view/norm_output.ts';
import { defaultSampling, type Sampling } from '../../../web/src/view/sampling.ts';
import { ranksOf, searchTokens } from '../../../web/src/view/token_search.ts';
import { shorten, textOfTokens, tokenLabel } from '../../../web/src/view/token_text.ts';
import { keptBytesOn } from './kept_bytes.ts';
import { numberIn } from './numbers.ts';
import { saidOn } from './said_numbers.ts';
import {
  measuresIn,
  numbersOn,
  type Place,
  printedIn,
  printedPrecision,
  type ShownNumber,
} from './shown_numbers.ts';

/** What came of the identities, and each comparison that was made, by its identity and its place. */
interface Checked {
  readonly findings: readonly Finding[];
  readonly comparisons: ReadonlyMap<string, Pick<Comparison, 'error' | 'size' | 'allowed'>>;
}

interface Numbers {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** How the next token is chosen on a page. */
const samplingOn = (page: Page) => parseAddress(new URL(page.url()).hash).sampling;

const plain = (text: string) => numberIn(text.replaceAll(',', ''));

const product = (factors: readonly number[]) => factors.reduce((all, each) => all * each, 1);

/** Terms of a sum that the page lists: at first, and for those who want more. */
const [few, many] = [8, 64];

/** The package's own numbers for the text that a page shows. */
export class Truth {
  readonly #model: Model;
  readonly #ids: readonly number[];
  readonly #tensors: Map<string, Numbers>;
  readonly #sizes = new Map<string, number>();
  readonly #explanations = new Map<string, Explanation>();
  readonly #wholes = new Map<string, Explanation>();
  #sampling: Sampling = defaultSampling;
  #stages!: SamplingStages;
  /** What top-k alone leaves. */
  #keptByTopK!: Float32Array;
  #loss!: TextLoss;
  #lens!: LogitLens;
  #attribution!: LogitAttribution;
  #strengths: number[] | null = null;
  #checked: Checked | null = null;
  /** Whether nothing of the page has been looked at but what it shows first. */
  #untouched = false;
  /** Tokens of the text that the page had run before this one. */
  #before: readonly number[] = [];
  /**
   * By how much of the numbers that it computes with one kind of the module may differ from another.
   * With weights of 8 bits, activations are rounded to 16: in one of them up, perhaps, in the other down.
   */
  readonly #rounding: number;
  /** How many terms of each sum the page lists. */
  #terms = few;
  /** What has come of a download, in bytes, and of how many. */
  arriving: { loaded: number; total: number } | null = null;
  compared = 0;
  /** How often each source was. */
  readonly sources = new Map<string, number>();

  private constructor(model: Model, ids: readonly number[], tensors: Map<string, Numbers>) {
    this.#model = model;
    this.#ids = ids;
    this.#tensors = tensors;
    this.#rounding = model.info.dtype === 'q8' ? 1e-4 : 3e-6;
  }

  /**
   * For the text in a page's box, which it has run. `before`: the text that it had run until then;
   * `untouched`: nothing of it has been looked at but what it shows first.
   */
  static async on(
    page: Page,
    model: Model,
    { before = '', untouched = false } = {},
  ): Promise<Truth> {
    const text = await page.inputValue('#prompt');
    const ids = model.tokenizer.encode(text);
    const { cache, logits } = await model.runWithCache(ids);
    const truth = new Truth(model, ids, new Map<string, Numbers>([...cache, ['logits', logits]]));
    truth.#before = model.tokenizer.encode(before);
    truth.#untouched = untouched;
    truth.#sampledWith(samplingOn(page));
    truth.#loss = await model.textLoss([...ids]);
    truth.#attribution = await model.logitAttribution([...ids]);
    truth.#lens = await model.logitLens([...ids], { top: 1 });
    return truth;
  }

  #sampledWith(sampling: Sampling): void {
    this.#sampling = sampling;
    const last = this.#ids.length - 1;
    this.#stages = this.#stagesAt(last, sampling);
    this.#keptByTopK = this.#stagesAt(last, { ...sampling, topP: 1 }).filtered;
  }

  #stagesAt(position: number, { greedy, temperature, ...rest }: Sampling): SamplingStages {
    const { data, dims } = this.#tensors.get('logits')!;
    const row = data.slice(position * dims[1]!, (position + 1) * dims[1]!);
    const options = { ...rest, temperature: greedy ? 0 : temperature, step: this.#ids.length };
    return this.#model.sample(row, options);
  }

  /** All numbers that are seen on a page now are true. */
  async expectOn(page: Page): Promise<void> {
    const { numbers, place, unsourced, constants } = await numbersOn(page);
    const said = await saidOn(page);
    const sampling = samplingOn(page);
    if (JSON.stringify(sampling) !== JSON.stringify(this.#sampling)) this.#sampledWith(sampling);
    expect(unsourced).toEqual([]);
    expect(said.unsourced, 'said to those who hear the page').toEqual([]);
    const index = (place.explained?.index ?? []).map(String);
    const known = [...this.#constantsOfFormulas(), ...index];
    expect(known, 'numbers of formulas without a source').toEqual(
      expect.arrayContaining(constants),
    );
    await this.#expectAll([...numbers, ...said.numbers], place, page);
  }

  async #expectAll(numbers: readonly ShownNumber[], place: Place, page: Page): Promise<void> {
    // The candidates' table has the logit of each.
    const listed = new Set(
      numbers.filter(({ stage }) => stage === 'logits').map(({ token }) => token!),
    );
    this.#terms = numbers.some(({ path }) => path === 'terms.8.value') ? many : few;
    const cache = numbers.find(({ path }) => path === 'cache.compared')?.text ?? '';
    const cacheOnPage = plain(printedIn(cache)[0] ?? '0');
    for (const number of numbers) {
      const kind = number.tensor ? 'tensor' : number.stage ? 'stage' : number.source!;
      this.sources.set(kind, (this.sources.get(kind) ?? 0) + 1);
      await this.#expectNumber(kind, number, place, { listed, cacheOnPage, page });
    }
  }

  #expectNumber(
    kind: string,
    number: ShownNumber,
    place: Place,
    { listed, cacheOnPage, page }: { listed: ReadonlySet<number>; cacheOnPage: number; page: Page },
  ): Promise<void> | void {
    switch (kind) {
      case 'tensor':
        return this.#expectEntry(number);
      case 'stage':
        return this.#expectStage(number);
      case 'explanation':
      case 'rounding':
        return this.#expectExplained(number, place.explained!);
      case 'subject':
        return expect(measuresIn(number.text)).toEqual([
          { value: place.explained!.index.at(-1), precision: 0 },
        ]);
      case 'walk':
      case 'term':
        return this.#expectAdded(number, place.explained!);
      case 'count':
        return this.#expectCount(number, place.explained!);
      case 'cell':
        return this.#expectOfCell(number);
      case 'statistics':
        return this.#expectStatistics(number);
      case 'shape':
        return this.#expectShape(number);
      case 'strip':
        return this.#expectStrip(number);
      case 'scale':
        return this.#expectScale(number);
      case 'map':
        return this.#expectOnMap(number);
      case 'guide':
        return this.#expectOfGuide(number, place);
      case 'model':
        return this.#expectOfModel(number, place);
      case 'download':
        return this.#expectOfDownload(number, page);
      case 'arriving':
        return this.#expectArriving(number);
      case 'setting':
        return this.#expectSetting(number);
      case 'truth':
        return this.#expectFinding(number, cacheOnPage);
      case 'found':
        return this.#expectFound(number);
      case 'tokens':
        return expect(Number(number.text), `id at ${number.path}`).toBe(
          this.#ids[Number(number.path)],
        );
      case 'bytes': {
        const bytes = this.#model.tokenizer.decodeBytes([this.#ids[Number(number.path)]!]);
        return expect(number.text).toBe(
          Buffer.from(bytes)
            .toString('hex')
            .replace(/..(?=.)/g, '$& '),
        );
      }
      case 'chosen':
        expect([this.#stages.token, place.explained?.index.at(-1)]).toContain(number.token);
        return expect(number.text).toBe(String(number.token));
      case 'id':
        expect(Number(number.text)).toBe(number.token);
        return expect(this.#letters(number.token!), `token ${number.token}`).toBe(number.beside);
      case 'lens': {
        const [layer, position] = number.path!.split('.').map(Number);
        const { probability } = this.#lens.layers[layer!]!.positions[position!]!.top[0]!;
        return this.#expectPrinted(number.text, probability, 1e-2, `lens ${number.path}`);
      }
      case 'loss':
        return this.#expectOfLoss(number);
      default:
        return this.#expectSampled(kind, number, listed);
    }
  }

  async #tensor(name: string): Promise<Numbers> {
    const known = this.#tensors.get(name) ?? (await this.#made(name));
    this.#tensors.set(name, known);
    return known;
  }

  /** What no run captures. */
  #made(name: string): Promise<Numbers> {
    if (dotProductsBlock(name) !== null) return this.#dotProducts(name);
    return isNormOutput(name) ? this.#normOutput(name) : this.#model.weight(name);
  }

  /** Of every query with the keys up to it, from the trace. */
  async #dotProducts(name: string): Promise<Numbers> {
    const [q, k] = await Promise.all(
      ['hook_q', 'hook_k'].map((each) => this.#tensor(name.replace('dot_products', each))),
    );
    const [tokens, heads, width] = q!.dims as [number, number, number];
    const data = new Float32Array(heads * tokens * tokens).fill(-Infinity);
    const row = ({ data }: Numbers, head: number, position: number) =>
      data.subarray((position * heads + head) * width, (position * heads + head + 1) * width);
    for (let head = 0; head < heads; head += 1) {
      for (let query = 0; query < tokens; query += 1) {
        for (let key = 0; key <= query; key += 1) {
          const other = row(k!, head, key);
          data[(head * tokens + query) * tokens + key] = row(q!, head, query).reduce(
            (sum, each, d) => sum + each * other[d]!,
            0,
          );
        }
      }
    }
    return { data, dims: [heads, tokens, tokens] };
  }

  /** What a layer norm gives out, from the trace and the weights. */
  async #normOutput(name: string): Promise<Numbers> {
    const { data, dims } = await this.#tensor(normalizedOf(name));
    const [, block, layer] = /^(?:blocks\.(\d+)\.ln(\d)|ln_final)\./.exec(name)!;
    const norm = block === undefined ? 'ln_f' : `h.${block}.ln_${layer}`;
    const [gamma, beta] = [
      await this.#tensor(`${norm}.weight`),
      await this.#tensor(`${norm}.bias`),
    ];
    const column = (at: number) => at % dims[1]!;
    return {
      data: data.map((value, at) => value * gamma.data[column(at)]! + beta.data[column(at)]!),
      dims,
    };
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
    const key = `${name}:${index.join()}:${this.#terms}`;
    const known =
      this.#explanations.get(key) ??
      (await this.#model.explain([...this.#ids], name, index, { terms: this.#terms }));
    this.#explanations.set(key, known);
    return known;
  }

  /** With all its terms. */
  async #whole({ tensor, index }: NonNullable<Place['explained']>): Promise<Explanation> {
    const key = `${tensor}:${index.join()}`;
    const known =
      this.#wholes.get(key) ??
      (await this.#model.explain([...this.#ids], tensor, index, { terms: 100_000 }));
    this.#wholes.set(key, known);
    return known;
  }

  #letters(id: number): string {
    return tokenLabel(this.#model.tokenizer.decodeBytes([id]));
  }

  /** `size`: of the numbers it was computed from. */
  #expectPrinted(text: string, expected: number, size: number, what: string): void {
    this.compared += 1;
    const shown = plain(text);
    if (!Number.isFinite(expected)) return expect(shown, what).toBe(expected);
    const allowed =
      1.001 * printedPrecision(text) + this.#rounding * (Math.abs(size) + 3 * Math.abs(expected));
    const why = `${what}: “${text}” is ${expected}`;
    expect(Math.abs(shown - expected), why).toBeLessThanOrEqual(allowed);
  }

  /** Whole numbers, as they are printed. */
  #expectWhole(text: string, expected: readonly number[], what: string): void {
    this.compared += 1;
    expect(printedIn(text).map(plain), what).toEqual(expected);
  }

  /** Counts in any order, for languages differ in theirs. */
  #expectCounts(text: string, expected: readonly number[], what: string): void {
    this.compared += 1;
    const left = [...expected];
    for (const { value, precision } of measuresIn(text)) {
      const place = left.findIndex((each) => Math.abs(each - value) <= precision);
      expect(place, `${what}: ${value} in “${text}” is one of ${left.join()}`).not.toBe(-1);
      left.splice(place, 1);
    }
    expect(left, `${what}: “${text}” has all`).toEqual([]);
  }

  async #expectEntry({ text, tensor, index }: ShownNumber): Promise<void> {
    const name = tensor!;
    if (name === 'probabilities') {
      const { value } = await this.#explain(name, index!);
      return this.#expectPrinted(text, value, 1e-2, name);
    }
    const { data, dims } = await this.#tensor(name);
    expect(index, `${name} has ${dims.length} axes`).toHaveLength(dims.length);
    const place = index!.reduce((at, number, axis) => at * dims[axis]! + number, 0);
    const what = `${name}[${index!.join()}]`;
    this.#expectPrinted(text, data[place]!, await this.#sizeOf(name), what);
  }

  #expectStage({ text, stage, token }: ShownNumber): void {
    const values = this.#stages[stage as 'logits'] as Float32Array | number;
    const expected = typeof values === 'number' ? values : values[token!]!;
    // A dash: the token was cut.
    if (text === '—') return expect([stage, expected]).toEqual(['filtered', 0]);
    // Within a sentence the draw comes last, behind the seed and its place in the seed's row.
    const shown = printedIn(text);
    if (shown.length === 0) return;
    if (shown.length > 1) {
      expect(shown.slice(0, -1).map(plain)).toEqual([this.#sampling.seed, this.#ids.length]);
    }
    const size = stage === 'logits' || stage === 'scaled' ? 20 : 1e-3;
    this.#expectPrinted(shown.at(-1)!, expected, size, `${stage} of ${token}`);
  }

  async #expectExplained(
    { text, source, path }: ShownNumber,
    subject: NonNullable<Place['explained']>,
  ): Promise<void> {
    const explanation = await this.#explain(subject.tensor, subject.index);
    const what = `${subject.tensor}[${subject.index.join()}], ${path ?? source}`;
    const largest = Math.max(...explanation.terms.map(({ value }) => Math.abs(value)), 1);
    const shown = printedIn(text);
    this.compared += 1;
    if (source === 'rounding') {
      // "Computed with 32 bits, the model has …; the terms are added up with 64 bits, and differ by …".
      expect([shown[0], shown[2]]).toEqual(['32', '64']);
      const { terms } = await this.#whole(subject);
      const size = terms.reduce((sum, { value }) => sum + Math.abs(value), 0);
      this.#expectPrinted(shown[1]!, explanation.value, size, what);
      return this.#expectPrinted(shown[3]!, explanation.remainder, size, what);
    }
    const found = path!
      .split('.')
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], explanation);
    if (typeof found === 'string') {
      const parts = formulaParts(found).map((part) => part.text);
      const written = (formula: string) => formula.replace(/\s+/g, '').replace(/=$/, '');
      return expect(written(text), what).toBe(written(parts.join('')));
    }
    // A single other term is counted in words.
    if (shown[0] === undefined) return;
    this.#expectPrinted(shown[0], found as number, largest, what);
  }

  /** How many there are of what is added up, or drawn. */
  async #expectCount(
    { text, path }: ShownNumber,
    subject: NonNullable<Place['explained']>,
  ): Promise<void> {
    const { n_inner, head_width } = this.#model.config;
    const [kind, added] = path!.split('.');
    if (kind !== 'terms') {
      return this.#expectWhole(text, [{ neurons: n_inner, products: head_width }[kind!]!], path!);
    }
    const { terms } = await this.#whole(subject);
    const counts = added === undefined ? [terms.length] : [Number(added), terms.length];
    this.#expectCounts(text, counts, path!);
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
    const factor = this.#scoreFactor(of!);
    const productOf = (d: number) => q.data[at(query, d)]! * k.data[at(key, d)]!;
    const products = Array.from({ length: width }, (_, d) => productOf(d));
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

  /** All that the formulas have of numbers that stand for themselves. */
  #constantsOfFormulas(): string[] {
    const isRelu = this.#model.config.activation_function === 'relu';
    return ['1', '2', '0.044715', ...(isRelu ? ['0'] : [])];
  }

  /** What dot products of queries and keys are multiplied by in the block of this activation. */
  #scoreFactor(name: string): number {
    const { config } = this.#model;
    const block = Number(/^blocks\.(\d+)\./.exec(name)![1]);
    const ofBlock = config.scale_attn_by_inverse_layer_idx ? 1 / (block + 1) : 1;
    return config.scale_attn_weights ? ofBlock / Math.sqrt(config.head_width) : ofBlock;
  }

  /** `path`: of a head's matrix only what a token sees counts. */
  async #expectStatistics({ text, of, from, count, path }: ShownNumber): Promise<void> {
    const { data, dims } = await this.#tensor(of!);
    const start = from!.reduce((at, number, axis) => at * dims[axis]! + number, 0);
    const tokens = dims.at(-1)!;
    const values = data
      .subarray(start, start + count!)
      .filter((_, at) => !path || at % tokens <= Math.floor(at / tokens));
    const { min, max, mean, deviation, norm } = statisticsOf(values);
    const size = await this.#sizeOf(of!);
    const shown = printedIn(text);
    expect(shown, text).toHaveLength(5);
    for (const [place, value] of [min, max, mean, deviation, norm].entries()) {
      this.#expectPrinted(shown[place]!, value, size, `statistics of ${of}, ${place}`);
    }
  }

  async #expectShape({ text, of, path }: ShownNumber): Promise<void> {
    // What is behind an index, as of a head, has the axes that are left.
    const [name, ...index] = of!.split(/[[,\]]/).filter(Boolean);
    const { dims: all } = await this.#tensor(name!);
    const dims = all.slice(index.length);
    if (path === 'bytes') return this.#expectCounts(text, [4 * product(dims)], of!);
    const [, side] = /^side (\d)$/.exec(path ?? '') ?? [];
    if (side) return this.#expectCounts(text, [dims[Number(side)]!], `side ${side} of ${of}`);
    expect(text, `shape of ${of}`).toBe(`[${dims.join(', ')}]`);
  }

  /**
   * How many numbers a strip has, and the place of one among them: of one head, of the heads side by side,
   * of a row of weights.
   */
  async #expectStrip({ text, of, from, path }: ShownNumber): Promise<void> {
    const { dims } = await this.#tensor(of!);
    const shown = plain(printedIn(text)[0]!);
    this.compared += 1;
    const what = `${path} of a strip of ${of}`;
    const last = dims.at(-1)!;
    const isPattern = of!.endsWith('hook_pattern');
    // Query, key and value have a third of their bias each.
    const third = of!.endsWith('attn.c_attn.bias') ? last / 3 : last;
    // A token looks at itself and at those before it.
    const lengths = isPattern && from ? [from[1]! + 1] : [last, product(dims.slice(1)), third];
    if (path !== 'component') return expect(lengths, what).toContain(shown);
    const component = from!.at(-1)!;
    const places =
      dims.length === 3 && !isPattern ? [from![1]! * last + component] : [component % third];
    expect([component, ...places], what).toContain(shown);
  }

  /** What the manifest of the models says of those to choose from, which it has from their files. */
  async #expectOfDownload({ text, path }: ShownNumber, page: Page): Promise<void> {
    const [what, id] = path!.split(' ') as [string, string];
    const letters = text.replace(id, '');
    if (what === 'kept' || what === 'begun') {
      const folders = [...(await keptBytesOn(page))];
      const ofModel = folders.filter(([folder]) => folder.includes(id));
      expect(ofModel, `folders kept of ${id}`).toHaveLength(1);
      return this.#expectCounts(letters, [ofModel[0]![1]], path!);
    }
    const { files, parameters } = [...manifest.embedded, ...manifest.downloadable].find(
      (entry) => entry.id === id,
    )!;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const values: Record<string, number> = {
      bytes,
      parameters,
      'memory.auto': 4 * parameters,
      // One byte, and a scale for each 64; what is no matrix is kept as it is.
      'memory.q8': 1.1 * parameters,
    };
    this.#expectCounts(letters, [values[what]!], path!);
  }

  #expectArriving({ text, path }: ShownNumber): void {
    expect(this.arriving, `a download under way: ${text}`).not.toBeNull();
    const { loaded, total } = this.arriving!;
    if (path === 'rate') {
      // How fast it comes is for the page's clock to say.
      for (const { value } of measuresIn(text)) expect(value, text).toBeGreaterThan(0);
      return;
    }
    const percent = Math.floor((100 * loaded) / total);
    this.#expectCounts(text, path === 'loaded' ? [loaded] : [loaded, total, percent], path!);
  }

  /** What is written at a scale of colours: the numbers that have the full colour. */
  async #expectScale({ text, path, of, from }: ShownNumber): Promise<void> {
    const ends = async (): Promise<number[]> => {
      switch (path) {
        case 'softmax':
          return [0, 0.01, 0.1, 0.25, 0.5, 1];
        case 'weight':
          return signed(await this.#sizeOf(of!));
        case 'strength':
          return [0, largestMagnitude(await this.#strengthsOfHeads())];
        case 'contribution':
          return signed(largestMagnitude(this.#contributions()));
        case 'spread':
          return [];
      }
      const largest = await largestOfHead(of!);
      if (path !== 'scale') return signed(largest);
      const dot = await largestOfHead(dotProductsName(blockOf(of!)!));
      return [-dot, ...signed(largest), dot];
    };
    const largestOfHead = async (name: string) => {
      const { data, dims } = await this.#tensor(name);
      const [start, end] = [from![0]!, from![0]! + 1].map((head) => head * dims[1]! ** 2);
      return data
        .subarray(start, end)
        .reduce((most, each) => (Number.isFinite(each) ? Math.max(most, Math.abs(each)) : most), 0);
    };
    const signed = (largest: number) => [-largest, 0, largest];
    const expected = await ends();
    const shown = printedIn(text);
    expect(shown, `the scale of ${path}: ${text}`).toHaveLength(expected.length);
    for (const [place, value] of expected.entries()) {
      this.#expectPrinted(shown[place]!, value, Math.abs(expected.at(-1)!), `scale of ${path}`);
    }
  }

  /** A sum that is added up term by term: what a term is, and what it amounts to in the end. */
  async #expectAdded(
    { text, source, path }: ShownNumber,
    subject: NonNullable<Place['explained']>,
  ): Promise<void> {
    const whole = await this.#whole(subject);
    const size = whole.terms.reduce((sum, { value }) => sum + Math.abs(value), 0);
    if (source === 'walk') {
      // While it is played the sum is on its way.
      if (Number(path) === whole.terms.length) {
        this.#expectPrinted(text, whole.total, size, `the sum of ${subject.tensor}`);
      }
      return;
    }
    const [label, factor] = path!.split('|');
    const every = [whole, ...whole.quantities].flatMap(({ terms }) => terms);
    const term = every.find((each) => each.label === label)!;
    const value = factor === undefined ? term.value : term.factors[Number(factor)]!.value;
    const what = `${label} of ${subject.tensor}`;
    this.#expectPrinted(text, value, Math.max(size, Math.abs(value)), what);
  }

  async #strengthsOfHeads(): Promise<number[]> {
    if (this.#strengths) return this.#strengths;
    const { n_layer: blocks, n_head: heads } = this.#model.config;
    const names = Array.from({ length: blocks }, (_, block) => `blocks.${block}.attn.hook_result`);
    const { cache } = await this.#model.runWithCache(this.#ids, { names });
    const last = this.#ids.length - 1;
    return (this.#strengths = names.flatMap((name) =>
      strengthsOf({ data: cache.get(name).slice(last).data }, heads),
    ));
  }

  #contributions(): number[] {
    const { n_layer: blocks, n_head: heads } = this.#model.config;
    return contributionsOf(this.#attribution, blocks, heads);
  }

  /** What colours the map of heads. */
  async #expectOnMap({ text, path }: ShownNumber): Promise<void> {
    const [measure, ...place] = path!.split('.');
    const [block, head] = place.map(Number) as [number, number];
    const heads = this.#model.config.n_head;
    const tokens = this.#ids.length;
    const values: Record<string, () => Promise<number>> = {
      spread: async () => {
        const { data } = await this.#tensor(patternName(block));
        return attentionSpread({ heads, tokens, data }, head);
      },
      strength: async () => (await this.#strengthsOfHeads())[block * heads + head]!,
      contribution: async () => this.#contributions()[block * heads + head]!,
    };
    this.#expectPrinted(printedIn(text)[0]!, await values[measure!]!(), 1, path!);
  }

  /** A value that the guide's texts and formulas are filled with. */
  async #expectOfGuide({ text, path }: ShownNumber, place: Place): Promise<void> {
    const name = path as GuideValueName;
    expect(guideValueNames).toContain(name);
    const value = await this.#guideValue(name, place);
    this.compared += 1;
    if (typeof value === 'string') return expect(text, name).toBe(value);
    if (/^(next|strongest)/.test(name)) return this.#expectPrinted(text, value, 1e-2, name);
    this.#expectCounts(text, [value], name);
  }

  async #guideValue(name: GuideValueName, place: Place): Promise<number | string> {
    const { block, head, query } = place;
    const { n_head: heads } = this.#model.config;
    const letters = (id: number) => this.#letters(id).trim();
    const strongest = async () => {
      const { data } = await this.#tensor(patternName(block));
      const row = patternRow({ heads, tokens: this.#ids.length, data }, head, query);
      const key = strongestKey(row, query);
      return { key, weight: row[key]! };
    };
    switch (name) {
      case 'text': {
        const pieces = this.#model.tokenizer.pieces(this.#ids).map(({ bytes }) => bytes);
        return shorten(textOfTokens(pieces).text.trim(), 48);
      }
      case 'lastToken':
        return letters(this.#ids.at(-1)!);
      case 'nextToken':
        return letters(this.#stages.order[0]!);
      case 'nextProbability':
        return this.#stages.probabilities[this.#stages.order[0]!]!;
      case 'strongestKey':
        return letters(this.#ids[(await strongest()).key]!);
      case 'strongestWeight':
        return (await strongest()).weight;
      case 'model': {
        const path = this.#model.info.name.replace(/\/$/, '');
        return embeddedModels.find(({ id }) => path.endsWith(id))!.name[place.language];
      }
      default:
        return this.#known(name, place);
    }
  }

  /** A size of the model, of the text, or of what both take. */
  async #known(name: string, { block, head, written }: Place): Promise<number> {
    const { config, info, tokenizer } = this.#model;
    const { n_layer, n_head } = config;
    const tokens = this.#ids.length;
    const values: Record<string, () => number | Promise<number>> = {
      parameters: () => info.parameters,
      bytes: () => info.bytes,
      blocks: () => n_layer,
      heads: () => n_head,
      width: () => config.n_embd,
      headWidth: () => config.head_width,
      mlpWidth: () => config.n_inner,
      vocabulary: () => config.vocab_size,
      context: () => config.n_positions,
      count: () => tokens,
      // The embedding is one.
      layers: () => n_layer + 1,
      written: () => tokenizer.encode(written).length,
      patterns: () => patternBytes(n_layer, n_head, tokens),
      run: async () => (await this.#model.runWithCache(this.#ids, { logits: 'none' })).cache.bytes,
      block: () => block,
      head: () => head,
      'flow.earlier': () => block,
      'flow.later': () => n_layer - 1 - block,
    };
    return values[name]!();
  }

  async #expectOfModel({ text, path }: ShownNumber, place: Place): Promise<void> {
    const values: number[] = [];
    for (const name of path!.split(' ')) values.push(await this.#known(name, place));
    this.#expectCounts(text.replaceAll('GPT-2', 'GPT'), values, path!);
  }

  /** What the reader has set, where it stands beside results. */
  async #expectSetting({ text, path, of }: ShownNumber): Promise<void> {
    const { greedy, temperature, topK, topP, seed } = this.#sampling;
    if (path === 'window') {
      const { dims } = await this.#tensor(of!);
      return this.#expectWhole(
        text.replaceAll('–', ' '),
        dims.flatMap((length) => [0, length - 1]),
        `the window on ${of}`,
      );
    }
    const values: Record<string, number> = {
      temperature: greedy ? 1 : temperature,
      topK,
      topP,
      seed,
      dtype: this.#model.info.dtype === 'q8' ? 8 : NaN,
    };
    const [shown] = printedIn(text);
    this.compared += 1;
    expect(plain(shown!), path).toBeCloseTo(values[path!]!, 6);
  }

  /** What the page says of its own checks, made once more under Node. */
  async #expectFinding({ text, path, beside }: ShownNumber, cacheOnPage: number): Promise<void> {
    const { findings, comparisons } = (this.#checked ??= await this.#check());
    const shown = printedIn(text);
    const [id, what] = path!.split('.') as [IdentityId | 'verdict', 'error'];
    // How many activations it has to compare with what was kept depends on what has been looked at.
    const cache = findings.find((each) => each.id === 'cache')!.compared;
    if (this.#untouched) expect(cacheOnPage).toBe(cache);
    else expect(cacheOnPage).toBeGreaterThanOrEqual(cache);
    if (id === 'verdict') {
      const made = findings.filter(({ compared }) => compared > 0);
      const compared = made.reduce((sum, each) => sum + each.compared, cacheOnPage - cache);
      // Before it has come to a verdict it has no numbers.
      return this.#expectWhole(text, [made.length, compared], path!);
    }
    const { compared, failed, worst } = findings.find((each) => each.id === id)!;
    expect(failed, id).toBe(0);
    if ((what as string) === 'compared') {
      return this.#expectWhole(text, [id === 'cache' ? cacheOnPage : compared], path!);
    }
    // Which is the worst is for the last bits to say: here is what is true of the one on the page.
    const own = beside === undefined ? worst! : comparisons.get(`${id} ${beside}`)!;
    if (shown.length === 0) return expect(own.allowed, path).toBe(0);
    this.compared += 1;
    const value = plain(shown[0]!);
    const precision = 1.001 * printedPrecision(shown[0]!);
    if (what === 'error') return expect(value, path).toBeLessThanOrEqual(own.allowed + precision);
    // The largest number of all that was kept: of one of the tensors.
    const sizes: number[] = [];
    if (id === 'cache' && !this.#untouched) {
      for (const name of this.#tensors.keys()) sizes.push(await this.#sizeOf(name));
    }
    const near = [own[what], ...sizes].some(
      (each) => Math.abs(value - each) <= precision + 1e-4 * each,
    );
    expect(near, `${path}: ${text} is ${own[what]}`).toBe(true);
  }

  async #check(): Promise<Checked> {
    const { signal } = new AbortController();
    const blocks = Array.from({ length: this.#model.config.n_layer }, (_, block) => block);
    const first = [...flowTensors(0), ...normScales(0), 'blocks.0.hook_resid_pre'];
    const names = [...new Set([...blocks.map(patternName), ...first])];
    // Nothing of the runs before helps this one.
    await this.#model.runWithCache(this.#ids.slice(0, 1), { names: [], logits: 'none' });
    const run = await runModel(this.#model, this.#ids, names, signal);
    const comparisons = new Map<string, Pick<Comparison, 'error' | 'size' | 'allowed'>>();
    const { compare } = Tally.prototype;
    const listening = vi.spyOn(Tally.prototype, 'compare');
    listening.mockImplementation(function (
      this: Tally,
      error,
      size,
      roundings,
      subject,
      least = 0,
    ) {
      const allowed = roundings * unitRoundoff * size + least;
      comparisons.set(`${this.id} ${nameOf(subject())}`, { error, size, allowed });
      compare.call(this, error, size, roundings, subject, least);
    });
    try {
      return { findings: await checkRun(this.#model, run, { signal }), comparisons };
    } finally {
      listening.mockRestore();
    }
  }

  /** How many tokens a search finds. */
  async #expectFound({ text, path }: ShownNumber): Promise<void> {
    const ranks = ranksOf(this.#stages.order);
    const found = searchTokens(await vocabularyOf(this.#model), path!, ranks);
    const total = this.#model.config.vocab_size;
    const shown = measuresIn(text).length;
    this.#expectCounts(text, [found.length, total, ...(shown > 2 ? [50] : [])], `found: ${path}`);
  }

  /** How probable the text is, and a token of it. */
  #expectOfLoss({ text, path }: ShownNumber): void {
    const { losses, ranks, perplexity } = this.#loss;
    const logarithm = -losses.data.reduce((sum, loss) => sum + loss, 0);
    const [name, position] = path!.split('.');
    if (name === 'hits') {
      this.#expectWhole(text, [ranks.filter((rank) => rank === 0).length, ranks.length], path!);
    } else if (name === 'ranks') {
      this.#expectWhole(text, [ranks[Number(position) - 1]! + 1], path!);
    } else {
      const value = { logarithm, perplexity, probability: Math.exp(logarithm) }[name!]!;
      this.#expectPrinted(text, value, value, path!);
    }
  }

  /** What the page adds up itself of the sampler's stages. */
  #expectSampled(
    kind: string,
    { text, token: of, path }: ShownNumber,
    listed: ReadonlySet<number>,
  ): void {
    const stages = this.#stages;
    const { order, filtered, probabilities, scaled, token } = stages;
    const shown = printedIn(text);
    switch (kind) {
      case 'sum':
        return this.#expectPrinted(text, 1, 1, 'sum of a row');
      case 'rank': {
        // In a dialog it is of the distribution at another position.
        const all = path ? this.#stagesAt(Number(path), this.#sampling).order : order;
        return this.#expectWhole(text, [all.indexOf(of!) + 1], `rank of ${of}`);
      }
      case 'share': {
        const id = of ?? token;
        const before = order.slice(0, order.indexOf(id));
        const start = before.reduce((sum, each) => sum + filtered[each]!, 0);
        const ends = [start, start + filtered[id]!];
        const asked = path === undefined ? ends : [ends[path === 'from' ? 0 : 1]!];
        expect(shown).toHaveLength(asked.length);
        for (const [at, end] of asked.entries()) this.#expectPrinted(shown[at]!, end, 1, 'share');
        return;
      }
      case 'total': {
        const largest = scaled[order[0]!]!;
        const total = scaled.reduce((sum, each) => sum + Math.exp(each - largest), 0);
        return this.#expectPrinted(text, total, total, 'what softmax divides by');
      }
      case 'tempered': {
        // "The logit … divided by … is …. Softmax over all … tokens makes it …", in both languages.
        expect(shown).toHaveLength(5);
        const [logit, size] = [stages.logits[of!]!, order.length];
        const sentence = [
          logit,
          this.#sampling.temperature,
          scaled[of!]!,
          size,
          probabilities[of!]!,
        ];
        for (const [at, value] of sentence.entries()) {
          this.#expectPrinted(shown[at]!, value, at === 4 ? 1e-3 : 20, `tempered, ${at}`);
        }
        return;
      }
      case 'keptByTopK':
        return this.#expectPrinted(text, this.#keptByTopK[of!]!, 1, `kept by top-k of ${of}`);
      case 'cumulative': {
        if (path !== 'afterTopK' && path !== 'afterTopP') {
          const first = order.slice(0, Number(path));
          const sum = first.reduce((total, id) => total + this.#keptByTopK[id]!, 0);
          return this.#expectPrinted(text, sum, 1, `the first ${path} that top-k keeps`);
        }
        const kept = order.slice(0, stages[path]);
        const sum = kept.reduce((total, id) => total + probabilities[id]!, 0);
        return this.#expectPrinted(text, Math.min(1, sum), 1, `the first ${kept.length}`);
      }
      case 'rest': {
        const others = order.filter((id) => !listed.has(id));
        if (path === undefined) return this.#expectWhole(text, [others.length], 'the rest');
        if (path === 'kept') {
          const kept = others.filter((id) => filtered[id]! > 0);
          return this.#expectWhole(text, [kept.length], 'the rest that is kept');
        }
        const values = stages[path as 'probabilities' | 'filtered'];
        const sum = others.reduce((total, id) => total + values[id]!, 0);
        // A dash: none of them is kept.
        if (text === '—') return expect(sum).toBe(0);
        return this.#expectPrinted(text, sum, 1e-2, `the rest, ${path}`);
      }
      case 'reused': {
        const kept = this.#ids.findIndex((id, place) => id !== this.#before[place]);
        return this.#expectCounts(text, [kept, this.#ids.length - kept], 'rows kept');
      }
      default:
        expect.fail(`nothing is known of “${kind}”, the source of ${text}`);
    }
  }
}
