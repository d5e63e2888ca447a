// Every numeral that the page says to those who hear it or wait with the pointer, where nothing is seen:
// in names and titles of elements, in words for screen readers alone, in what a list offers.
import type { Page } from 'playwright-core';
import type { ShownNumber } from './shown_numbers.ts';

export interface Heard {
  /** Those that are worked out again. */
  numbers: ShownNumber[];
  /** What is said that the page does not show beside it, or that nobody knows the source of. */
  unsourced: string[];
  /** The first text that each rule is for: the attribute that it is in, or none. */
  texts: { rule: string; attribute: string | null; text: string }[];
  /** All rules there are. */
  rules: string[];
}

/** Of a number in a label: how it is printed beside it, or else what it is. */
type Said = string | Omit<ShownNumber, 'text'>;

/**
 * A label has no attributes of its own for each of its numbers. Either they are printed beside it, by an
 * element that names its source; or its place on the page tells what they are, by the rules below. A label
 * with a numeral that no rule is for is a number without a source.
 */
export function saidOn(page: Page): Promise<Heard> {
  return page.evaluate(() => {
    const sourced = '[data-tensor][data-index], [data-stage], [data-source]';
    const attributes = ['title', 'aria-label', 'aria-valuetext', 'aria-description', 'placeholder'];
    const printed = /[−-]?(?:\d+(?:,\d{3})*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?%?|∞)/gu;
    // Names: of tensors with their indices, of models and of keys; "layer norm 1"; bytes in hexadecimal.
    const names =
      /(?:[\w]+\.)*(?:hook_\w+|dot_products|output|weight|bias|logits|probabilities)\b(?:\[[\d, ]*\])?|(?:Distil)?GPT-2|\bF\d\b|(?:[Ll]ayer norm|层归一化) ?\d|⟨[^⟩]*⟩/gu;
    const numbersIn = (text: string): string[] => text.replace(names, '').match(printed) ?? [];

    const within = (element: Element, around: string, selector: string) =>
      element.closest(around)!.querySelector<HTMLElement>(selector)!;
    const here = document.querySelector<HTMLElement>(
      '[role=gridcell][aria-selected=true]',
    )!.dataset;
    const head: Said[] = [here.block!, here.head!];
    /** What is printed beside it, by an element that has a source. */
    const shownIn = (element: HTMLElement): string[] =>
      numbersIn((element.closest(sourced) ?? element.querySelector(sourced))?.textContent ?? '');
    const entry = (element: HTMLElement): Said => {
      const { tensor, index, source, of, from, path } = element.dataset;
      const list = (places: string) => places.split(',').map(Number);
      if (tensor) return { tensor, index: list(index!) };
      return { source: source!, path: path!, of: of!, from: list(from!) };
    };

    const measure = document.querySelector<HTMLElement>('[data-source=map]')?.dataset.path;
    const onMap = (block: string, head: string): Said[] => [
      block,
      head,
      { source: 'map', path: `${measure?.split('.')[0]}.${block}.${head}` },
    ];
    const count: Said = { source: 'model', path: 'count' };

    const chosen = () => document.querySelector<HTMLElement>('.chip[aria-pressed=true]')!;
    /** Of a token in the strip: its place, how it is looked at, how probable it was. */
    const chip = (element: HTMLElement): Said[] => {
      const position = Number(element.closest<HTMLElement>('.chip')!.dataset.position);
      const from = Number(chosen().dataset.position);
      const id = Number(within(element, '.chip', '.id').textContent);
      const tensor = `blocks.${here.block}.attn.hook_pattern`;
      const looked: Said[] = [{ tensor, index: [Number(here.head), from, position] }];
      const probable: Said[] = [
        { tensor: 'probabilities', index: [position - 1, id] },
        { source: 'loss', path: `ranks.${position}` },
      ];
      return [
        String(position),
        ...(position <= from ? looked : []),
        ...(position > 0 ? probable : []),
      ];
    };

    /** Of a place in the flow: which it is, how long its strip is, the number there. */
    const place = (element: HTMLElement): Said[] => {
      const shown = within(element, '.flow', '.readout b');
      const { tensor, index } = shown.dataset;
      const places = index!.split(', ');
      const isPattern = tensor!.endsWith('hook_pattern');
      const of = { source: 'strip', of: tensor!, from: places.map(Number) };
      return [
        isPattern ? places[1]! : places[0]!,
        { ...of, path: 'count' },
        { ...of, path: 'component' },
        numbersIn(shown.textContent)[0]!,
      ];
    };

    /** Of a cell of the attention matrix: who looks at whom, and the number there. */
    const cell = (element: HTMLElement): Said[] => {
      const source = within(element, '[data-testid=readout]', '.weight dd');
      const { index, from } = source.dataset;
      const [, query, key] = (index ?? from)!.split(', ');
      return [query!, key!, entry(source)];
    };

    /** How many numbers a vector has. */
    const vector = (element: HTMLElement): Said[] => {
      const title = numbersIn(within(element, 'figure', '.title').textContent);
      const listed = element
        .closest('figure')!
        .querySelector<HTMLElement>('[data-source=statistics]');
      const length: Said = listed
        ? { source: 'strip', of: listed.dataset.of!, path: 'length' }
        : { source: 'count', path: 'products' };
      return [...title, length];
    };

    /** Of a formula that is read aloud: all numbers in it, wherever they stand. */
    const formula = (element: HTMLElement): Said[] => {
      const left = Array.from(element.querySelectorAll('mn, mi, mo, mtext'), (leaf) =>
        leaf.childElementCount > 0 ? [] : numbersIn(leaf.textContent!),
      ).flat();
      return numbersIn(element.getAttribute('aria-label')!).map((number) => {
        const at = left.indexOf(number);
        return at < 0 ? 'nothing' : left.splice(at, 1)[0]!;
      });
    };

    /** What a list offers: a model to download, or, by its place, an operation or a step. */
    const choice = (element: HTMLElement): Said[] => {
      const { value, index } = element as HTMLOptionElement;
      const isModel = element.parentElement!.matches('optgroup');
      return [isModel ? { source: 'download', path: `bytes ${value}` } : String(index + 1)];
    };
    const side = (axis: number) => (element: HTMLElement) => {
      const { of } = within(element, 'details', 'summary [data-source=shape]').dataset;
      return { source: 'shape', of: of!, path: `side ${axis}` };
    };
    /** Nothing is drawn where the sampling is greedy. */
    const draw = (element: HTMLElement): Said[] =>
      element.closest('.draw')!.querySelector('[data-stage=draw]') ? [{ stage: 'draw' }] : [];
    /** Which token was edited: the chosen one, or the first that is no more. */
    const edited = ({ textContent }: HTMLElement): Said[] => {
      const end = String(document.querySelectorAll('[data-position]').length);
      return [numbersIn(textContent)[0] === end ? end : chosen().dataset.position!];
    };
    const setting = (path: string) => (): Said[] => [{ source: 'setting', path }];
    const titleOf = (element: HTMLElement) =>
      numbersIn(within(element, 'figure', '.title').textContent);

    const rules: [string, (element: HTMLElement) => Said[]][] = [
      ['.map [role=gridcell]', ({ dataset: { block, head } }) => onMap(block!, head!)],
      ['.compact [role=slider]', () => onMap(here.block!, here.head!)],
      ['.chip .unseen', chip],
      ['.flow [role=application]', () => [count]],
      ['#flow-place', place],
      ['.attention [role=application]', () => [...head, count, count]],
      ['#attention-cell', cell],
      ['.export > button', () => head],
      ['fieldset label:nth-of-type(2) input', setting('topK')],
      ['fieldset label:nth-of-type(3) input', setting('topP')],
      ['th.scaled', setting('temperature')],
      // Probabilities that are scaled up.
      ['th', () => ['1']],
      ['.draw .line', draw],
      ['.actions .unseen', edited],
      ['figure [role=application]', vector],
      ['figure ol', titleOf],
      ['figcaption b', (element) => [entry(element)]],
      ['.filled [role=math]', formula],
      ['details > .plot', (element) => [side(0)(element), side(1)(element)]],
      ['.why svg', () => [{ source: 'count', path: 'terms' }]],
      ['.scroll[role=application]', () => [{ source: 'model', path: 'layers' }, count]],
      ['option', choice],
      ['*', shownIn],
    ];

    const numbers: ShownNumber[] = [];
    const unsourced: string[] = [];
    const texts: Heard['texts'] = [];
    const look = (element: HTMLElement, attribute: string | null, text: string) => {
      const all = numbersIn(text);
      if (all.length === 0) return;
      const [rule, said] = rules.find(([selector]) => element.matches(selector))!;
      const known = said(element);
      if (!texts.some((each) => each.rule === rule)) texts.push({ rule, attribute, text });
      const complain = () =>
        unsourced.push(`<${element.tagName} ${attribute ?? ''}> “${text.trim()}”`);
      if (all.length > known.length) return complain();
      // A size has a unit.
      const [first] = known;
      if (typeof first === 'object' && first.source === 'download') {
        return void numbers.push({ ...first, text: text.replace(names, '') });
      }
      for (const [at, number] of all.entries()) {
        const said = known[at]!;
        if (typeof said !== 'string') numbers.push({ ...said, text: number });
        else if (said !== number) complain();
      }
    };
    for (const element of document.querySelectorAll<HTMLElement>(
      `${attributes.map((name) => `[${name}]`).join(', ')}, .unseen, option`,
    )) {
      const shown = element.closest('select') ?? element;
      if (!shown.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      // A formula as it stands in the guide, which says the same of every text.
      if (element.matches('[role=math]') && !element.closest('.filled')) continue;
      for (const name of attributes) {
        if (element.hasAttribute(name)) look(element, name, element.getAttribute(name)!);
      }
      if (element.matches('.unseen, option')) look(element, null, element.textContent);
    }
    return { numbers, unsourced, texts, rules: rules.map(([selector]) => selector) };
  });
}
