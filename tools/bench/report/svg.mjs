// Pieces of SVG as text. Colours are classes: the file brings a light and a dark style of its own,
// and has no background, so it fits either kind of page.

export const escaped = (text) =>
  String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** <name attribute="value">content</name>; content is SVG already. */
export function element(name, attributes, content = '') {
  const text = Object.entries(attributes)
    .map(
      ([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? rounded(value) : value)}"`,
    )
    .join('');
  return content ? `<${name}${text}>${content}</${name}>` : `<${name}${text}/>`;
}

export const rounded = (value) => Math.round(value * 100) / 100;

export const label = (x, y, text, attributes = {}) =>
  element('text', { x, y, ...attributes }, escaped(text));

/** Ours stand out; the others can be told apart. Light and dark. */
const colours = {
  'ours-f32': ['#0b6bcb', '#5aa9f0'],
  'ours-q8': ['#1a7f37', '#4cc26a'],
  'ort-attention': ['#c2410c', '#f28b50'],
  'ort-f32': ['#7c5cbf', '#a78bdb'],
  'ort-q8': ['#a8457f', '#d983b4'],
  wllama: ['#7a6a1d', '#c9b458'],
};

const rulesOf = (index) =>
  Object.entries(colours)
    .map(([name, pair]) => `.${name}{fill:${pair[index]};stroke:${pair[index]}}`)
    .join('');

const style = [
  'text{font:12px system-ui,sans-serif;fill:#3d444d;stroke:none}',
  '.title{font-weight:600}.minor{fill:#656d76}',
  '.axis{stroke:#d0d7de;fill:none}.line{fill:none;stroke-width:2}',
  '.range{stroke:#3d444d;stroke-width:1}',
  rulesOf(0),
  '@media(prefers-color-scheme:dark){',
  'text{fill:#d1d7e0}.minor{fill:#9198a1}.axis{stroke:#3d444d}.range{stroke:#d1d7e0}',
  rulesOf(1),
  '.line{fill:none}}',
  // After the colours, which would fill the area below a curve.
  '.line{fill:none}',
].join('');

/** A whole file. `title` is read out in place of the picture. */
export function svgFile({ width, height, title }, content) {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': title,
  };
  return `${element('svg', attributes, element('style', {}, style) + content)}\n`;
}
