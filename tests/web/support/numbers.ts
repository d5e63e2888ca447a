/** A printed number: a real minus sign, powers of ten, percent. */
export function numberIn(text: string): number {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const isPercent = text.trim().endsWith('%');
  const plain = text
    .trim()
    .replace(/%$/, '')
    .replaceAll('−', '-')
    .replace('∞', 'Infinity')
    .replace(/×10(⁻?)(.+)$/, (_, minus: string, exponent: string) => {
      const number = Array.from(exponent, (digit) => digits.indexOf(digit)).join('');
      return `e${minus ? '-' : ''}${number}`;
    });
  return Number(plain) / (isPercent ? 100 : 1);
}
