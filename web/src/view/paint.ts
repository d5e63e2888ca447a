/** Painting on canvases: the only code that touches a 2D context. */
import { colorPosition, colorAtPosition, css, type Theme } from './color.ts';
import type { MatrixLayout } from './matrix_layout.ts';

/** A canvas of so many CSS pixels, cleared, with its scale set. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  density: number,
): CanvasRenderingContext2D {
  canvas.width = Math.max(1, Math.round(width * density));
  canvas.height = Math.max(1, Math.round(height * density));
  const context = canvas.getContext('2d')!;
  context.setTransform(density, 0, 0, density, 0, 0);
  return context;
}

/** Cells as pixels of an image: side x side probabilities, nothing where NaN. */
function imageOf(values: ArrayLike<number>, side: number, theme: Theme): HTMLCanvasElement {
  const image = new ImageData(side, side);
  for (let i = 0; i < side * side; i += 1) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    const [red, green, blue] = colorAtPosition(colorPosition(value), theme);
    image.data.set([red, green, blue, 255], i * 4);
  }
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

/** `values`: [T, T]; what lies above the diagonal is not drawn. */
export function paintMatrix(
  context: CanvasRenderingContext2D,
  layout: MatrixLayout,
  values: Float32Array,
  theme: Theme,
): void {
  const { tokens, pitch, gap, radius } = layout;
  if (gap === 0) {
    const lower = values.map((value, i) => (i % tokens > Math.floor(i / tokens) ? NaN : value));
    context.imageSmoothingEnabled = pitch < 1;
    context.drawImage(imageOf(lower, tokens, theme), 0, 0, layout.size, layout.size);
    return;
  }
  for (let query = 0; query < tokens; query += 1) {
    for (let key = 0; key <= query; key += 1) {
      const position = colorPosition(values[query * tokens + key]!);
      context.fillStyle = css(colorAtPosition(position, theme));
      const side = pitch - gap;
      if (radius === 0) {
        context.fillRect(key * pitch, query * pitch, side, side);
      } else {
        context.beginPath();
        context.roundRect(key * pitch, query * pitch, side, side, radius);
        context.fill();
      }
    }
  }
}

/** A small picture of side x side cells at a place of the canvas. */
export function paintThumbnail(
  context: CanvasRenderingContext2D,
  cells: Float32Array,
  { x, y, size }: { x: number; y: number; size: number },
  theme: Theme,
): void {
  const side = Math.sqrt(cells.length);
  context.imageSmoothingEnabled = false;
  context.drawImage(imageOf(cells, side, theme), x, y, size, size);
}
