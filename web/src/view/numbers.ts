/** Numbers as they are printed: never rounded to something that they are not. */

const minus = (text: string) => text.replace('-', '−');

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const superscript = (exponent: number) =>
  (exponent < 0 ? '⁻' : '') +
  Array.from(String(Math.abs(exponent)), (digit) => superscripts[Number(digit)]).join('');

function scientific(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  return `${minus(mantissa)}×10${superscript(Number(exponent))}`;
}

/** Digits after the point that show `digits` significant ones of `value`. */
const decimals = (value: number, digits: number) =>
  Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));

/** A value just under `whole`, with as many nines as keep it there. */
const nines = (value: number, whole: number) =>
  value.toFixed(Math.min(13, decimals(whole - value, 1))).replace(/0+$/, '');

/**
 * A probability in percent with about three significant digits: 54.7%, 0.00012%, 3.1×10⁻⁹%. Only an
 * exact 0 prints as 0% and only an exact 1 as 100%.
 */
export function percent(probability: number): string {
  if (Number.isNaN(probability)) return '—';
  if (probability === 0) return '0%';
  if (probability === 1) return '100%';
  const value = probability * 100;
  if (value < 1e-5) return `${scientific(value, 2)}%`;
  if (value < 0.1) return `${value.toFixed(Math.min(7, decimals(value, 2)))}%`;
  if (value < 99.95) return `${value.toFixed(decimals(value, 3))}%`;
  return `${nines(value, 100)}%`;
}

/** The probability of a long text, and its natural logarithm: it may be smaller than any number can be. */
export function probabilityOfText(probability: number, logarithm: number): string {
  if (Number.isNaN(probability) || probability > 1e-5) return percent(probability);
  const power = logarithm / Math.LN10;
  const mantissa = (10 ** (power - Math.floor(power))).toFixed(1);
  const carry = mantissa === '10.0';
  return `${carry ? '1.0' : mantissa}×10${superscript(Math.floor(power) + (carry ? 1 : 0))}`;
}

/** A weight between 0 and 1 with four decimals, more where it is small. */
export function weight(value: number): string {
  if (Number.isNaN(value)) return '—';
  if (value === 0 || value === 1) return String(value);
  if (value < 1e-6) return scientific(value, 2);
  if (value < 0.001) return value.toFixed(Math.min(9, decimals(value, 2)));
  const text = value.toFixed(4);
  return text === '1.0000' ? nines(value, 1) : text;
}

/** A logit or another signed number with two decimals and a real minus sign. */
export function signed(value: number): string {
  if (Number.isNaN(value)) return '—';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  const size = Math.abs(value);
  // Columns of them have room for no more than seven letters.
  if (value !== 0 && size < 0.01) {
    return size < 0.001 ? scientific(value, 1) : minus(value.toFixed(4));
  }
  if (size >= 1e6) return scientific(value, 3);
  return minus(value.toFixed(2));
}

/** Any number of a run with so many significant digits. */
export function significant(value: number, digits = 4): string {
  if (Number.isNaN(value)) return '—';
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return scientific(value, digits);
  return minus(value.toFixed(decimals(value, digits)));
}

/** All digits of a number that is held with 32 bits: none of them is rounded. */
export function exact(value: number): string {
  if (!Number.isFinite(value) || value === 0) return significant(value);
  const [mantissa, exponent] = value.toPrecision(100).split('e') as [string, string?];
  const digits = minus(mantissa.replace(/\.?0+$/, ''));
  return exponent === undefined ? digits : `${digits}×10${superscript(Number(exponent))}`;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Making a format takes longer than all else about a token on screen, so each is kept. */
function formatted(value: number, language: string, options: Intl.NumberFormatOptions = {}) {
  const key = language + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.NumberFormat(language, options)));
  return format.format(value);
}

/** 4,096, grouped as the language does. */
export const count = (value: number, language: string) => formatted(value, language);

/** 7.0 MB: decimal units, as downloads are counted; their symbols are the same in every language. */
export function bytes(value: number, language: string): string {
  if (value < 1000) {
    return formatted(value, language, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  }
  const power = Math.min(3, Math.floor(Math.log10(value) / 3));
  const number = formatted(value / 1000 ** power, language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return `${number} ${['kB', 'MB', 'GB'][power - 1]}`;
}

/** 3.5 million, 350万; what is short anyway in full: 7,392. */
export const compact = (value: number, language: string) =>
  value < 10_000
    ? count(value, language)
    : formatted(value, language, {
        notation: 'compact',
        compactDisplay: 'long',
        maximumSignificantDigits: 3,
      });

/** About 40 seconds, about 3 minutes: what is left of a download, no finer than it can be known. */
export function wait(seconds: number, language: string): string {
  const minutes = seconds >= 90;
  const left = minutes ? Math.round(seconds / 60) : Math.max(5, 5 * Math.ceil(seconds / 5));
  const unit = minutes ? 'minute' : 'second';
  return formatted(left, language, { style: 'unit', unit, unitDisplay: 'long' });
}

/** 12 ms, 1.3 s: the symbols of the SI, which are the same in every language, after a space. */
export function duration(milliseconds: number, language: string): string {
  const seconds = milliseconds >= 1000;
  const number = formatted(seconds ? milliseconds / 1000 : milliseconds, language, {
    maximumFractionDigits: seconds || milliseconds < 10 ? 1 : 0,
  });
  return `${number}\u202f${seconds ? 's' : 'ms'}`;
}
