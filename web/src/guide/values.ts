/** What the guide's texts and formulas take from the reader's own run, as it is printed. */
export const guideValueNames = [
  'text',
  'count',
  'lastToken',
  'nextToken',
  'nextProbability',
  'block',
  'head',
  'blocks',
  'heads',
  'width',
  'headWidth',
  'mlpWidth',
  'vocabulary',
  'context',
  'strongestKey',
  'strongestWeight',
  'model',
  'parameters',
] as const;

export type GuideValueName = (typeof guideValueNames)[number];

/** Those that are not known yet, as before the first run, are absent. */
export type GuideValues = Partial<Record<GuideValueName, string>>;

/** Those that are the model's or the reader's own letters: they are set as the page sets tokens. */
const letters: readonly GuideValueName[] = ['text', 'lastToken', 'nextToken', 'strongestKey'];

/** A stretch of a text: words of the guide, a number, or letters of the reader's text. */
export interface Part {
  kind: 'words' | 'number' | 'letters';
  text: string;
  /** Of a number or letters: which value it is. */
  name?: GuideValueName;
}

export const placeholder = /\{(\w+)(?: ([^{}|]*)\|([^{}|]*))?\}/g;

/**
 * A text with its values filled in: {width} is the number, {heads head|heads} the number with the
 * noun that agrees with it. What is not known is an ellipsis.
 */
export function fill(template: string, values: GuideValues): Part[] {
  const parts: Part[] = [];
  const push = (kind: Part['kind'], text: string) => text && parts.push({ kind, text });
  let from = 0;
  for (const match of template.matchAll(placeholder)) {
    const [whole, name, one, other] = match;
    push('words', template.slice(from, match.index));
    const known = name as GuideValueName;
    const value = values[known];
    parts.push({
      kind: letters.includes(known) ? 'letters' : 'number',
      text: value ?? '…',
      name: known,
    });
    if (one !== undefined) push('words', ` ${value === '1' ? one : other}`);
    from = match.index + whole.length;
  }
  push('words', template.slice(from));
  return parts;
}

/** The same as one string. */
export const fillPlain = (template: string, values: GuideValues): string =>
  fill(template, values)
    .map((part) => part.text)
    .join('');
