/**
 * A view of the page as an SVG file: its text as text, its boxes and drawings as shapes, colours and
 * fonts as they are on screen. Only shapes and text are written, and text is escaped: whatever a
 * prompt or a model's files say, there is nothing in it that could run.
 */
import { css } from './color.ts';
import { squaresOn } from './paint.ts';

export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** Not part of a picture: controls, hints, and what says so itself. */
const left = '.hint, summary, select, input, textarea, kbd, [data-picture=none]';
const padding = 24;
const narrowest = 340;
const captionSize = 11;
const captionLine = 17;

// What XML cannot hold, and halves of characters, become U+FFFD.
const unwritable = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu;
const escape = (text: string) =>
  text.replace(unwritable, '\ufffd').replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const rounded = (value: number) => String(+value.toFixed(2));

type Attributes = Record<string, string | number | null | undefined>;

function element(tag: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => {
      const text = typeof value === 'number' ? rounded(value) : value!;
      return ` ${name}="${escape(text)}"`;
    });
  return `<${tag}${written.join('')}${content ? `>${content}</${tag}>` : '/>'}`;
}

/** A canvas that measures text and knows what any colour is in red, green and blue. */
const context = (() => {
  let made: CanvasRenderingContext2D | undefined;
  return () =>
    (made ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true })!);
})();

const colors = new Map<string, { color: string; opacity: number }>();

/** Programs that draw know rgb(): a browser may compute oklab() from a mixture. */
function colorOf(text: string): { color: string; opacity: number } {
  let known = colors.get(text);
  if (!known) {
    const c = context();
    c.clearRect(0, 0, 1, 1);
    c.fillStyle = text;
    c.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = c.getImageData(0, 0, 1, 1).data;
    known = { color: `rgb(${red}, ${green}, ${blue})`, opacity: alpha! / 255 };
    colors.set(text, known);
  }
  return known;
}

/** A colour with its opacity, as `fill` or as `stroke`. */
function paint(kind: 'fill' | 'stroke', text: string, opacity = 1): Attributes {
  const { color, opacity: own } = colorOf(text);
  const whole = own * opacity;
  return { [kind]: color, [`${kind}-opacity`]: whole < 1 ? whole : null };
}

/** Digits of one width, and quotation marks that are not as wide as Chinese letters. */
const variantOf = (style: CSSStyleDeclaration) =>
  ['font-variant-numeric', 'font-variant-east-asian']
    .map((name) => `${name}: ${style.getPropertyValue(name)}`)
    .join('; ');

const fontOf = (style: CSSStyleDeclaration, variant: string): Attributes => ({
  'font-family': style.fontFamily,
  'font-size': style.fontSize,
  'font-weight': style.fontWeight === '400' ? null : style.fontWeight,
  'font-style': style.fontStyle === 'normal' ? null : style.fontStyle,
  'letter-spacing': style.letterSpacing === 'normal' ? null : style.letterSpacing,
  style: variantOf(style) === variant ? null : variantOf(style),
});

interface Place {
  opacity: number;
  /** What ancestors cut off. */
  clip: { left: number; top: number; right: number; bottom: number };
  lineThrough: boolean;
}

class Drawing {
  readonly parts: string[] = [];
  /** How far down there is anything. */
  bottom = 0;
  readonly #defs = new Map<string, string>();
  readonly #x: number;
  readonly #y: number;
  readonly #variant: string;
  /** What lies in front of all that comes after it. */
  #front: (() => void)[] = [];

  constructor(view: Element) {
    ({ x: this.#x, y: this.#y } = view.getBoundingClientRect());
    this.#variant = variantOf(getComputedStyle(view));
  }

  get content(): string {
    const defs = [...this.#defs.values()].join('');
    return (defs && element('defs', {}, defs)) + this.parts.join('\n');
  }

  /** A view, and all that is in it. */
  draw(view: Element): void {
    this.add(view, everything);
    for (const add of this.#front.splice(0)) add();
  }

  add(node: Element, place: Place, inFront = false): void {
    const style = getComputedStyle(node);
    if (Number(style.zIndex) > 0 && !inFront) {
      this.#front.push(() => this.add(node, place, true));
      return;
    }
    const hidden = style.display === 'none' || style.visibility === 'hidden';
    // Cut away: words for those who listen.
    if (hidden || style.clipPath !== 'none' || node.matches(left)) return;
    const opacity = place.opacity * Number(style.opacity);
    if (node instanceof HTMLCanvasElement) return this.#addCanvas(node, opacity);
    if (node instanceof SVGGraphicsElement) return this.#addSvg(node, style, opacity);
    for (const rect of node.getClientRects()) this.#addBox(rect, style, opacity);
    const lineThrough = place.lineThrough || style.textDecorationLine.includes('line-through');
    const clip = style.overflowX === 'visible' ? place.clip : within(place.clip, node);
    for (const child of node.childNodes) {
      if (child instanceof Element) this.add(child, { opacity, clip, lineThrough });
      else if (child instanceof Text) this.#addText(child, style, { opacity, clip, lineThrough });
    }
  }

  #put(bottom: number, tag: string, attributes: Attributes, content?: string): void {
    this.bottom = Math.max(this.bottom, bottom - this.#y);
    this.parts.push(element(tag, attributes, content));
  }

  #addBox({ x, y, width, height }: DOMRect, style: CSSStyleDeclaration, opacity: number): void {
    if (width === 0 || height === 0) return;
    const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
    const end = y + height;
    const box = (outset: number): Attributes => ({
      x: x - this.#x - outset,
      y: y - this.#y - outset,
      width: width + 2 * outset,
      height: height + 2 * outset,
      rx: radius > 0 ? Math.max(0, radius + outset) : null,
    });
    const gradient = this.#gradientOf(style.backgroundImage);
    if (gradient) this.#put(end, 'rect', { ...box(0), fill: gradient, opacity });
    else if (colorOf(style.backgroundColor).opacity > 0) {
      this.#put(end, 'rect', { ...box(0), ...paint('fill', style.backgroundColor, opacity) });
    }
    this.#addBorder({ x: x - this.#x, y: y - this.#y, width, height }, box, style, opacity);
    // Rings round what is selected, each around the one before.
    let inner = 0;
    for (const [, color, spread, inset] of style.boxShadow.matchAll(rings)) {
      const size = Number(spread) - inner;
      this.#put(end, 'rect', {
        ...box(inset ? -size / 2 : inner + size / 2),
        fill: 'none',
        ...paint('stroke', color!, opacity),
        'stroke-width': size,
      });
      inner += size;
    }
  }

  /** All sides where there are four, or the lines that there are. */
  #addBorder(
    { x, y, width, height }: { x: number; y: number; width: number; height: number },
    box: (outset: number) => Attributes,
    style: CSSStyleDeclaration,
    opacity: number,
  ): void {
    const [right, bottom] = [x + width, y + height];
    const sides = [
      { side: 'Top', x1: x, y1: y, x2: right, y2: y },
      { side: 'Right', x1: right, y1: y, x2: right, y2: bottom },
      { side: 'Bottom', x1: x, y1: bottom, x2: right, y2: bottom },
      { side: 'Left', x1: x, y1: y, x2: x, y2: bottom },
    ] as const;
    const widthOf = ({ side }: (typeof sides)[number]) =>
      style[`border${side}Style`] === 'none' ? 0 : parseFloat(style[`border${side}Width`]);
    const strokeOf = ({ side }: (typeof sides)[number]): Attributes => ({
      fill: 'none',
      ...paint('stroke', style[`border${side}Color`], opacity),
      'stroke-width': parseFloat(style[`border${side}Width`]),
      'stroke-dasharray': style[`border${side}Style`] === 'dashed' ? '3 3' : null,
    });
    if (sides.every((line) => widthOf(line) > 0)) {
      const attributes = { ...box(-widthOf(sides[0]) / 2), ...strokeOf(sides[0]) };
      this.#put(this.#y + bottom, 'rect', attributes);
      return;
    }
    for (const line of sides) {
      if (widthOf(line) === 0) continue;
      const { x1, y1, x2, y2 } = line;
      this.#put(this.#y + y2, 'line', { x1, y1, x2, y2, ...strokeOf(line) });
    }
  }

  /** A scale's bar: colours at even distances from left to right. */
  #gradientOf(image: string): string | null {
    const colors = /^linear-gradient\(to right, (.*)\)$/.exec(image)?.[1]?.match(/\w+\([^)]*\)/g);
    if (!colors || colors.length < 2) return null;
    const id = `colors-${this.#defs.size}`;
    const stops = colors.map((color, place) =>
      element('stop', { offset: place / (colors.length - 1), 'stop-color': colorOf(color).color }),
    );
    this.#defs.set(id, element('linearGradient', { id }, stops.join('')));
    return `url(#${id})`;
  }

  /** A text node, line by line, without what is cut off. */
  #addText(node: Text, style: CSSStyleDeclaration, { opacity, clip, lineThrough }: Place): void {
    if (node.data.trim() === '') return;
    const lines: { text: string; x: number; top: number; bottom: number }[] = [];
    const range = document.createRange();
    let offset = 0;
    let cut = false;
    for (const sign of node.data) {
      range.setStart(node, offset);
      range.setEnd(node, (offset += sign.length));
      const { left, right, top, bottom, width } = range.getBoundingClientRect();
      if (width === 0) continue;
      if (
        right > clip.right + 1 ||
        bottom > clip.bottom + 1 ||
        left < clip.left - 1 ||
        top < clip.top - 1
      ) {
        cut = true;
        continue;
      }
      const line = lines.at(-1);
      const space = /\s/.test(sign);
      if (line && Math.abs(line.top - top) < 2) line.text += space ? ' ' : sign;
      else if (!space) lines.push({ text: sign, x: left, top, bottom });
    }
    const c = context();
    c.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = c.measureText('x');
    for (const [index, { text, x, top, bottom }] of lines.entries()) {
      const last = index === lines.length - 1;
      const attributes: Attributes = {
        x: x - this.#x,
        y: (top + bottom) / 2 + (ascent - descent) / 2 - this.#y,
        ...fontOf(style, this.#variant),
        ...paint('fill', style.color, opacity),
        'text-decoration': lineThrough ? 'line-through' : null,
      };
      const words = text.trimEnd() + (cut && last ? '…' : '');
      this.#put(bottom, 'text', attributes, escape(words));
    }
  }

  #addCanvas(canvas: HTMLCanvasElement, opacity: number): void {
    const { x, y, width, height } = canvas.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const at = `translate(${rounded(x - this.#x)} ${rounded(y - this.#y)})`;
    const squares = squaresOn(canvas);
    if (squares) {
      const cells = Array.from(squares, ({ x, y, side, radius, color }) =>
        element('rect', { x, y, width: side, height: side, rx: radius || null, fill: css(color) }),
      );
      this.#put(y + height, 'g', { transform: at, opacity }, cells.join('\n'));
      return;
    }
    this.#put(y + height, 'image', {
      transform: at,
      width,
      height,
      opacity,
      href: canvas.toDataURL(),
      'image-rendering': 'pixelated',
      preserveAspectRatio: 'none',
    });
  }

  #addSvg(node: SVGGraphicsElement, style: CSSStyleDeclaration, opacity: number): void {
    const tag = node.tagName;
    if (tag === 'svg' || tag === 'g') {
      for (const child of node.children) {
        if (child instanceof SVGGraphicsElement) this.add(child, { ...everything, opacity });
      }
      return;
    }
    if (!drawn.includes(tag)) return;
    // Where it is on screen, whatever view boxes and transformations led there.
    const { a, b, c, d, e, f } = node.getScreenCTM()!;
    const matrix = [a, b, c, d, e - this.#x, f - this.#y].map((value) => +value.toFixed(4));
    const attributes = {
      ...this.#shapeOf(node, style),
      transform: `matrix(${matrix.join(' ')})`,
      opacity: opacity < 1 ? opacity : null,
    };
    const { bottom } = node.getBoundingClientRect();
    this.#put(bottom, tag, attributes, tag === 'text' ? this.#wordsOf(node) : '');
  }

  #shapeOf(node: SVGElement, style: CSSStyleDeclaration): Attributes {
    const shape: Attributes = {};
    for (const name of geometry) shape[name] = node.getAttribute(name);
    Object.assign(shape, this.#paintOf('fill', style.fill, style.fillOpacity));
    if (style.stroke !== 'none') {
      Object.assign(shape, this.#paintOf('stroke', style.stroke, style.strokeOpacity));
      for (const name of strokes) shape[name] = style.getPropertyValue(name);
    }
    if (node instanceof SVGTextContentElement) {
      Object.assign(shape, fontOf(style, this.#variant), {
        'text-anchor': style.textAnchor,
        'dominant-baseline': style.dominantBaseline,
      });
    }
    return shape;
  }

  #paintOf(kind: 'fill' | 'stroke', value: string, opacity: string): Attributes {
    if (value === 'none') return { [kind]: 'none' };
    const id = /^url\("?#([^")]+)"?\)/.exec(value)?.[1];
    if (id === undefined) return paint(kind, value, Number(opacity));
    const source = document.getElementById(id);
    if (!(source instanceof SVGGradientElement)) return { [kind]: 'none' };
    const attributes: Attributes = { id };
    for (const name of gradients) attributes[name] = source.getAttribute(name);
    const stops = Array.from(source.querySelectorAll('stop'), (stop) => {
      const { color, opacity } = colorOf(getComputedStyle(stop).stopColor);
      const whole = opacity * Number(getComputedStyle(stop).stopOpacity);
      return element('stop', {
        offset: stop.getAttribute('offset'),
        'stop-color': color,
        'stop-opacity': whole < 1 ? whole : null,
      });
    });
    this.#defs.set(id, element(source.tagName, attributes, stops.join('')));
    return { [kind]: `url(#${id})`, [`${kind}-opacity`]: opacity === '1' ? null : opacity };
  }

  #wordsOf(node: Element): string {
    return Array.from(node.childNodes, (child) => {
      if (child instanceof Text) return escape(child.data);
      if (!(child instanceof SVGTSpanElement)) return '';
      return element('tspan', this.#shapeOf(child, getComputedStyle(child)), this.#wordsOf(child));
    }).join('');
  }
}

/** Shadows that are neither moved nor blurred. */
const rings = /(\w+\([^)]*\)) 0px 0px 0px ([\d.]+)px( inset)?/g;
const drawn = ['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'text'];
const geometry = [
  'd',
  'x',
  'y',
  'width',
  'height',
  'rx',
  'ry',
  'cx',
  'cy',
  'r',
  'x1',
  'y1',
  'x2',
  'y2',
  'points',
  'dx',
  'dy',
];
const strokes = [
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'vector-effect',
];
const gradients = ['x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'gradientUnits', 'gradientTransform'];

const everything: Place = {
  opacity: 1,
  clip: { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity },
  lineThrough: false,
};

function within(clip: Place['clip'], node: Element): Place['clip'] {
  const { left, top, right, bottom } = node.getBoundingClientRect();
  return {
    left: Math.max(clip.left, left),
    top: Math.max(clip.top, top),
    right: Math.min(clip.right, right),
    bottom: Math.min(clip.bottom, bottom),
  };
}

/** As many parts of the caption on a line as fit; a part that is too long alone is cut. */
function linesOf(caption: readonly string[], width: number, font: string): string[] {
  const c = context();
  c.font = font;
  const fits = (text: string) => c.measureText(text).width <= width;
  const lines: string[] = [];
  for (const part of caption) {
    const joined = lines.length > 0 ? `${lines.at(-1)} · ${part}` : part;
    if (lines.length > 0 && fits(joined)) lines[lines.length - 1] = joined;
    else {
      const signs = Array.from(part);
      while (signs.length > 1 && !fits(`${signs.join('')}…`)) signs.pop();
      lines.push(fits(part) ? part : `${signs.join('')}…`);
    }
  }
  return lines;
}

/** A view as it is on screen, on the page's background, and below it what it is. */
export function pictureOf(view: Element, caption: readonly string[]): Picture {
  const bounds = view.getBoundingClientRect();
  const drawing = new Drawing(view);
  drawing.draw(view);
  const page = getComputedStyle(document.documentElement);
  const { fontFamily } = getComputedStyle(document.body);
  const inner = Math.max(narrowest, Math.ceil(bounds.width));
  const lines = linesOf(caption, inner, `${captionSize}px ${fontFamily}`);
  const width = inner + 2 * padding;
  const below = padding + Math.ceil(drawing.bottom) + 30;
  const height = below + (lines.length - 1) * captionLine + padding;
  const words = lines.map((line, place) =>
    element(
      'text',
      {
        x: padding,
        y: below + place * captionLine,
        'font-family': fontFamily,
        'font-size': captionSize,
        ...paint('fill', page.getPropertyValue('--ink-soft')),
      },
      escape(line),
    ),
  );
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      style: variantOf(getComputedStyle(view)),
    },
    [
      element('title', {}, escape(caption.join(' · '))),
      element('rect', { width, height, ...paint('fill', page.getPropertyValue('--paper')) }),
      element('g', { transform: `translate(${padding} ${padding})` }, drawing.content),
      ...words,
    ].join('\n'),
  );
  return { svg, width, height };
}

/** The same in pixels, `scale` to a CSS pixel. */
export async function pngOf({ svg, width, height }: Picture, scale: number): Promise<Blob> {
  const image = new Image();
  // The page's policy allows images from its own text, and none from elsewhere.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large')))),
  );
}
