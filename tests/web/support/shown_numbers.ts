// Every numeral that can be seen on the page, and where the page says that it comes from.
import type { Page } from 'playwright-core';

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
  /** Of statistics: of what, from which entry on, of how many; of a cell: of which entry. */
  of?: string;
  from?: number[];
  count?: number;
}

export interface Seen {
  numbers: ShownNumber[];
  /** The number that is being explained at the same moment. */
  explained: { tensor: string; index: number[] } | null;
  /** Numerals with no source, with the element that they stand in. */
  unsourced: string[];
}

/**
 * Where numerals are no results of the model: names, places, and what the reader has set. A new part of the
 * page belongs here only if none of its numbers is computed from a run; else it names its source.
 */
const structural = [
  // The text, its tokens and their ids.
  '.token, .id, textarea, .example, .examples',
  // Names of tensors with their indices, bytes in hexadecimal; "layer norm 1".
  'code, figcaption .title, .meaning, .readout span',
  // Settings, and what they are called in the head of a table.
  'fieldset, select, option, input, kbd, thead',
  // Numbers of positions, blocks, heads, columns and neurons.
  'dt, caption, .places, .where, .stepper, .stack, .heads, .block, .number[data-position]',
  '.attention td.number:first-child, .inspector .scroll td:first-child, .why tbody th',
  '.lens th, .lens .here',
  // The name of a term that is added up.
  '.said > span:not([data-source])',
  // Axes and scales.
  'svg text, .ticks',
  // A formula is the same for every number.
  '.formula',
  // The model and its size, the length of the text, the time of the last run.
  'footer, .facts, .total, output, #prompt-state',
  // Words in front of the panels.
  'h1, h2, .opening .words, .about > p, .attention > .hint, .truth .hint, [aria-labelledby="map-title"] .hint',
].join(', ');

export function numbersOn(page: Page): Promise<Seen> {
  return page.evaluate((places) => {
    const seen: Seen = { numbers: [], explained: null, unsourced: [] };
    const sourced = '[data-tensor][data-index], [data-stage], [data-source]';
    const found = new Set<Element>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent!;
      const element = node.parentElement!;
      if (!/[\d∞]/.test(text) || element.closest('script, style, .unseen')) continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const source = element.closest(sourced);
      // A token inside a sourced row is still a token.
      if (element.closest(places) && !(source && element.closest(places)!.contains(source))) {
        continue;
      }
      if (source) found.add(source);
      else seen.unsourced.push(`<${element.tagName} class="${element.className}"> ${text.trim()}`);
    }
    const numbers = (list: string | undefined) => list?.split(',').map(Number);
    const shown = document.querySelector<HTMLElement>('.number-shown')?.dataset;
    if (shown) seen.explained = { tensor: shown.tensor!, index: numbers(shown.index)! };
    for (const element of found) {
      const data = (element as HTMLElement).dataset;
      // What stands for a number, without the names and tokens beside it.
      const copy = element.cloneNode(true) as Element;
      for (const part of copy.querySelectorAll('.token, code, .unseen')) part.remove();
      const text = copy.textContent!.replace(/\s+/g, ' ').trim();
      const number: ShownNumber = { text };
      if (data.tensor) Object.assign(number, { tensor: data.tensor, index: numbers(data.index) });
      if (data.stage) number.stage = data.stage;
      if (data.token) number.token = Number(data.token);
      if (data.source) number.source = data.source;
      if (data.path) number.path = data.path;
      if (data.of) Object.assign(number, { of: data.of, from: numbers(data.from) });
      if (data.count) number.count = Number(data.count);
      seen.numbers.push(number);
    }
    return seen;
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
