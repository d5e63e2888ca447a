// Every numeral that can be seen on the page, and where the page says that it comes from.
import type { Page } from 'playwright-core';
import { numberIn } from './numbers.ts';

export interface ShownNumber {
  text: string;
  /** data-tensor and data-index: an entry of a tensor of the run, or of a weight. */
  tensor?: string;
  index?: number[];
  /** data-stage and data-token: a stage of sampling. */
  stage?: string;
  token?: number;
  /** data-source: worked out from others; data-path says which part of it. */
  source?: string;
  path?: string;
  /** Of what, from which entry on, of how many; of a cell: of which entry. */
  of?: string;
  from?: number[];
  count?: number;
  /** What it stands beside: of an id its token, of a finding where it is worst. */
  beside?: string;
}

/** Where the page stands, which its sources take for granted. */
export interface Place {
  block: number;
  head: number;
  /** The position that is looked from. */
  query: number;
  /** What is in the text box. */
  written: string;
  language: 'en' | 'zh-CN';
  /** The number that is being explained at the same moment. */
  explained: { tensor: string; index: number[] } | null;
}

export interface Seen {
  numbers: ShownNumber[];
  place: Place;
  /** Numerals with no source, with the element that they stand in. */
  unsourced: string[];
  /** Those of a formula with the reader's numbers in it that stand for themselves. */
  constants: string[];
}

/**
 * Where numerals are no results of the model: names, places, and what the reader has set. A new part of the
 * page belongs here only if none of its numbers is computed from a run; else it names its source. What names
 * its source is compared, also where it stands in one of these.
 */
const structural = [
  // The text and the letters of its tokens.
  '.token, textarea',
  // Names of models and of licences, of tensors with their indices, bytes in hexadecimal; "layer norm 1".
  '[data-model] .words, #model-named-hint, .export .row p, code, figcaption .title, .meaning, .flow .readout span',
  // Settings, and what they are called in the head of a table.
  'fieldset, select, input, kbd, thead',
  // Numbers of positions, blocks, heads, columns and neurons; steps of the tour.
  'dt, caption, .places, .where, .stepper, .heads, .block, .parts, [data-testid=editor] h2, #tour .list',
  '.attention td.number:first-child, .inspector .scroll td:first-child, [data-place] > td:first-child',
  '.why tbody th, .why .single b, .lens th, .lens .here',
  // The name of a term that is added up.
  '.said > span:not([data-source])',
  // What stands along an axis, and the ends of the scale of weights.
  'svg text, .flow .ticks',
  // Of a formula, what is the same for every number, and the places of those that are filled in.
  'math',
  // How long the last run took.
  '.facts .time',
  // The name of a model that is on its way, or did not come.
  '.loading .name, .notice strong:not([data-source])',
  // Words, of a claim that stands for every text.
  'h1, h2, .opening .words, .about > p, .attention > .hint, [aria-labelledby="map-title"] .hint',
  '.truth .hint, .truth tbody th, #tour .words p, .sheet, footer .about, footer section:nth-of-type(n + 2) > p',
].join(', ');

export function numbersOn(page: Page): Promise<Seen> {
  return page.evaluate((places) => {
    const sourced = '[data-tensor][data-index], [data-stage], [data-source]';
    const numbers: ShownNumber[] = [];
    const unsourced: string[] = [];
    const constants: string[] = [];
    const found = new Set<HTMLElement>();
    const isSeen = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    /** Below or above something, in a formula. */
    const isScript = (element: Element) => {
      for (let at = element; !at.matches('math'); at = at.parentElement!) {
        const around = at.parentElement!;
        if (
          around.matches('msub, msup, msubsup, munder, munderover') &&
          at !== around.firstElementChild
        )
          return true;
      }
      return false;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent!;
      const element = node.parentElement!;
      if (element.closest('script, style, .unseen')) continue;
      // Of the values that the guide's texts are filled with, also the letters.
      if (!/[\d∞]/.test(text) && !element.matches('[data-source=guide]')) continue;
      if (!isSeen(element)) continue;
      const source = element.closest<HTMLElement>(sourced);
      const name = element.closest(places);
      // A token inside a sourced row is still a token.
      if (name && !(source && name.contains(source))) {
        if (element.closest('.filled math') && !isScript(element)) constants.push(text);
        continue;
      }
      if (source) found.add(source);
      else unsourced.push(`<${element.tagName} class="${element.className}"> ${text.trim()}`);
    }
    const list = (data: string | undefined) => data?.split(',').map(Number);
    for (const element of found) {
      const { dataset: data } = element;
      // What stands for a number, without the names and tokens beside it.
      const copy = element.cloneNode(true) as Element;
      for (const part of copy.querySelectorAll(`.token, code, .unseen, ${sourced}`)) part.remove();
      // Elements side by side are words of their own, but for those below a line.
      for (const part of copy.querySelectorAll(':not(sub)')) part.append(' ');
      const number: ShownNumber = { text: copy.textContent!.replace(/\s+/g, ' ').trim() };
      if (data.tensor) Object.assign(number, { tensor: data.tensor, index: list(data.index) });
      if (data.stage) number.stage = data.stage;
      if (data.token) number.token = Number(data.token);
      if (data.source) number.source = data.source;
      if (data.path) number.path = data.path;
      if (data.of) Object.assign(number, { of: data.of, from: list(data.from) });
      if (data.count) number.count = Number(data.count);
      const beside =
        data.source === 'id'
          ? element.parentElement!.querySelector('.token')
          : data.source === 'truth' && element.closest('tr')?.querySelector('.place code');
      if (beside) number.beside = beside.textContent!.trim();
      numbers.push(number);
    }
    const shown = document.querySelector<HTMLElement>('.number-shown')?.dataset;
    const cell = document.querySelector<HTMLElement>(
      '[role=gridcell][aria-selected=true]',
    )!.dataset;
    const chip = document.querySelector<HTMLElement>('.chip.query')!.dataset;
    const place: Place = {
      block: Number(cell.block),
      head: Number(cell.head),
      query: Number(chip.position),
      written: document.querySelector<HTMLTextAreaElement>('#prompt')!.value,
      language: document.documentElement.lang as 'en',
      explained: shown ? { tensor: shown.tensor!, index: list(shown.index)! } : null,
    };
    return { numbers, place, unsourced, constants };
  }, structural);
}

/** A printed number within a sentence, as the page writes them. */
const printed = /[−-]?(?:\d[\d,]*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?%?|∞)/gu;

export const printedIn = (text: string): string[] => text.match(printed) ?? [];

/** What the last digit that is printed is worth, halved: how far the number may be from its print. */
export function printedPrecision(text: string): number {
  const [, decimals = '', exponent = '', percent = ''] =
    /^[−-]?[\d,]+(?:\.(\d+))?(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(%?)$/u.exec(text.trim()) ?? [];
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const size = Array.from(exponent.replace('⁻', ''), (digit) => digits.indexOf(digit)).join('');
  const power = exponent === '' ? 0 : Number(size) * (exponent.startsWith('⁻') ? -1 : 1);
  return 0.5 * 10 ** (power - decimals.length - (percent ? 2 : 0));
}

const units: Readonly<Record<string, number>> = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  万: 1e4,
  亿: 1e8,
};

/** A count as it is printed, and how far it may be from what is counted: nothing, where it is in full. */
export interface Measure {
  value: number;
  precision: number;
}

/** The counts in a sentence: 4,096, 3.5 million, 7.0 MB. */
export function measuresIn(text: string): Measure[] {
  const pattern = new RegExp(`(${printed.source})\\s?(${Object.keys(units).join('|')})?`, 'gu');
  return Array.from(text.matchAll(pattern), ([, number, unit]) => {
    const factor = unit === undefined ? 1 : units[unit]!;
    const value = numberIn(number!.replaceAll(',', '')) * factor;
    const isWhole = unit === undefined && Number.isInteger(value);
    return { value, precision: isWhole ? 0 : printedPrecision(number!) * factor * 1.001 };
  });
}
