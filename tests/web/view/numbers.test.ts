import { describe, expect, test } from 'vitest';
import {
  bytes,
  compact,
  count,
  duration,
  exact,
  percent,
  probabilityOfText,
  signed,
  significant,
  wait,
  weight,
} from '../../../web/src/view/numbers.ts';

describe('a probability in percent', () => {
  test.each([
    [0.5467, '54.7%'],
    [0.0543, '5.43%'],
    [0.00968, '0.968%'],
    [0.000163, '0.016%'],
    [0.0000012, '0.00012%'],
    [3.1e-11, '3.1×10⁻⁹%'],
    [1e-40, '1.0×10⁻³⁸%'],
  ])('%d prints as %s', (value, text) => expect(percent(value)).toBe(text));

  test('is 0% only where it is 0', () => {
    expect(percent(0)).toBe('0%');
    expect(percent(5e-324)).not.toMatch(/^0(\.0*)?%$/);
  });

  test('is 100% only where it is 1', () => {
    expect(percent(1)).toBe('100%');
    expect(percent(0.99999)).toBe('99.999%');
    expect(percent(0.99996)).toBe('99.996%');
    expect(percent(1 - 1e-9)).toBe('99.9999999%');
    for (let nines = 1; nines < 15; nines += 1) {
      expect(parseFloat(percent(1 - 10 ** -nines))).toBeLessThan(100);
    }
  });

  test('differs from the truth by less than 5 in a hundred, however small', () => {
    for (let p = 0.999; p > 1e-30; p *= 0.83) {
      const printed = percent(p).replace('%', '');
      const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
      const [mantissa, exponent] = printed.split('×10⁻');
      const power = Array.from(exponent ?? '', (digit) => superscripts.indexOf(digit)).join('');
      const value = Number(mantissa) * 10 ** -Number(power || 0);
      expect(Math.abs(value / (100 * p) - 1), printed).toBeLessThan(0.05);
    }
  });

  test('that is no number prints as a dash', () => expect(percent(NaN)).toBe('—'));
});

describe('an attention weight', () => {
  test.each([
    [0.26417, '0.2642'],
    [0.0012, '0.0012'],
    [0.00012, '0.00012'],
    [5.8e-9, '5.8×10⁻⁹'],
    [1, '1'],
    [0, '0'],
    [0.99999, '0.99999'],
  ])('%d prints as %s', (value, text) => expect(weight(value)).toBe(text));
});

describe('a logit', () => {
  test.each([
    [14.449, '14.45'],
    [-0.5, '−0.50'],
    [0, '0.00'],
    [-0.001, '−0.0010'],
    [0.00999, '0.0100'],
    [-0.00012, '−1×10⁻⁴'],
    [-Infinity, '−∞'],
    [3.4e38, '3.40×10³⁸'],
  ])('%d prints as %s', (value, text) => expect(signed(value)).toBe(text));
});

describe('any number', () => {
  test.each([
    [0.923684, '0.9237'],
    [-12.3456, '−12.35'],
    [1234.56, '1235'],
    [0, '0'],
    [0.00001234, '1.234×10⁻⁵'],
    [-2e7, '−2.000×10⁷'],
    [-Infinity, '−∞'],
    [NaN, '—'],
  ])('%d prints as %s', (value, text) => expect(significant(value)).toBe(text));
});

describe('in the language of the page', () => {
  test('counts are grouped', () => expect(count(4086, 'en')).toBe('4,086'));
  test('bytes have decimal units', () => {
    expect(bytes(7016800, 'en')).toBe('7.0 MB');
    expect(bytes(376, 'en')).toBe('376 bytes');
    expect(bytes(7016800, 'zh-CN')).toContain('7.0');
  });
  test('large numbers are words', () => {
    expect(compact(3505152, 'en')).toBe('3.51 million');
    expect(compact(3505152, 'zh-CN')).toBe('351万');
    expect(compact(7392, 'en')).toBe('7,392');
    expect(compact(7392, 'zh-CN')).toBe('7,392');
  });
  test('durations have one unit', () => {
    expect(duration(12.3, 'en')).toBe('12\u202fms');
    expect(duration(1340, 'en')).toBe('1.3\u202fs');
  });
  test('waiting times are no finer than they can be known', () => {
    expect(wait(0.2, 'en')).toBe('5 seconds');
    expect(wait(31, 'en')).toBe('35 seconds');
    expect(wait(170, 'en')).toBe('3 minutes');
    expect(wait(170, 'zh-CN')).toBe('3分钟');
  });
});

describe('the probability of a text', () => {
  test.each([
    [1, 0, '100%'],
    [0.25, Math.log(0.25), '25.0%'],
    [3e-9, Math.log(3e-9), '3.0×10⁻⁹'],
    [9.99e-9, Math.log(9.99e-9), '1.0×10⁻⁸'],
    // Smaller than any number of a computer.
    [0, -2302.585093, '1.0×10⁻¹⁰⁰⁰'],
    [NaN, NaN, '—'],
  ])('of %d, e to the power of %d, prints as %s', (value, logarithm, text) =>
    expect(probabilityOfText(value, logarithm)).toBe(text),
  );
});

test.each([
  [0, '0'],
  [5, '5'],
  [-0.5, '−0.5'],
  [1e8, '100000000'],
  [Math.fround(0.1), '0.100000001490116119384765625'],
  [Math.fround(3e-9), '3.0000000261765080722398124635219573974609375×10⁻⁹'],
  [-Infinity, '−∞'],
])('%d is exactly %s', (value, text) => expect(exact(value)).toBe(text));
