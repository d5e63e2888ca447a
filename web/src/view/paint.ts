/** Painting on canvases: the only code that touches a 2D context. */
import { css, packedProbabilityColor, type Rgb, type Theme } from './color.ts';
import type { MatrixLayout } from './matrix_layout.ts';

/** A cell of a matrix, in CSS pixels. */
interface Square {
  x: number;
  y: number;
  side: number;
  radius: number;
  color: Rgb;
  opacity: number;
}

/** What was painted last, where a picture may draw it anew as shapes. */
const painted = new WeakMap<HTMLCanvasElement, () => Iterable<Square>>();

/** The cells on a canvas; nothing where they are too many, or pixels of an image. */
export const squaresOn = (canvas: HTMLCanvasElement): Iterable<Square> | undefined =>
  painted.get(canvas)?.();

/** More cells than of so many tokens make a file of shapes slow to open. */
const drawnAnew = 64;

/** A canvas of so many CSS pixels, cleared, with its scale set. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  density: number,
): CanvasRenderingContext2D {
  painted.delete(canvas);
  const [across, down] = [width, height].map((side) => Math.max(1, Math.round(side * density)));
  const context = canvas.getContext('2d')!;
  // Setting a size takes new memory, also where it is the old one.
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across!;
    canvas.height = down!;
  }
  context.globalAlpha = 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(density, 0, 0, density, 0, 0);
  return context;
}

/** All pixels of a canvas, as ImageData holds them: nothing, until they are written and `put` there. */
export function blankPixels(context: CanvasRenderingContext2D) {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  return { width, height, pixels, put: () => context.putImageData(image, 0, 0) };
}

/** A probability's colour as ImageData holds it; nothing where NaN. */
function packedColor(value: number, theme: Theme): number {
  if (Number.isNaN(value)) return 0;
  return packedProbabilityColor(value, theme);
}

/** Side x side colours as ImageData holds them, a pixel each. */
function imageOf(colors: Uint32Array, side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const { pixels, put } = blankPixels(canvas.getContext('2d')!);
  pixels.set(colors);
  put();
  return canvas;
}

/** `colors`: a cell each, as ImageData holds them; 0 is not drawn. */
export function paintMatrix(
  context: CanvasRenderingContext2D,
  layout: MatrixLayout,
  colors: Uint32Array,
): void {
  const { tokens, pitch, gap } = layout;
  if (gap === 0) {
    context.imageSmoothingEnabled = pitch < 1;
    context.drawImage(imageOf(colors, tokens), 0, 0, layout.size, layout.size);
    return;
  }
  for (const { x, y, side, radius, color, opacity } of squaresOf(layout, colors)) {
    context.globalAlpha = opacity;
    context.fillStyle = css(color);
    if (radius === 0) {
      context.fillRect(x, y, side, side);
    } else {
      context.beginPath();
      context.roundRect(x, y, side, side, radius);
      context.fill();
    }
  }
  if (tokens > drawnAnew) return;
  painted.set(context.canvas, () => squaresOf(layout, colors));
}

function* squaresOf(layout: MatrixLayout, colors: Uint32Array): Generator<Square> {
  const { tokens, pitch, gap, radius } = layout;
  const side = pitch - gap;
  for (let i = 0; i < colors.length; i += 1) {
    const packed = colors[i]!;
    if (packed === 0) continue;
    const color = [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255] as const;
    const [x, y] = [(i % tokens) * pitch, Math.floor(i / tokens) * pitch];
    yield { x, y, side, radius, color, opacity: (packed >>> 24) / 255 };
  }
}

/**
 * Small pictures of side x side cells, each at its place in CSS pixels, as one image: a canvas for each
 * would cost more than all that is painted on them.
 */
export function paintThumbnails(
  context: CanvasRenderingContext2D,
  pictures: readonly { cells: Float32Array; x: number; y: number }[],
  size: number,
  density: number,
  theme: Theme,
): void {
  const { width, pixels, put } = blankPixels(context);
  for (const { cells, x, y } of pictures) {
    const side = Math.sqrt(cells.length);
    const colors = Uint32Array.from(cells, (value) => packedColor(value, theme));
    const [left, top] = [Math.round(x * density), Math.round(y * density)];
    const extent = Math.round(size * density);
    const columns = Uint16Array.from({ length: extent }, (_, x) => Math.floor((x * side) / extent));
    for (let row = 0; row < extent; row += 1) {
      const start = columns[row]! * side;
      const line = (top + row) * width + left;
      for (let column = 0; column < extent; column += 1) {
        pixels[line + column] = colors[start + columns[column]!]!;
      }
    }
  }
  put();
}
