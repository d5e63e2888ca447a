import { describe, expect, test } from 'vitest';
import { layoutFlow, placeAt, rowMiddle } from '../../../../web/src/view/flow/layout.ts';
import {
  componentReadout,
  largestReadout,
  moveInFlow,
  readoutUnder,
  strongestReadout,
} from '../../../../web/src/view/flow/readout.ts';
import { type StationId, stationOf, stations } from '../../../../web/src/view/flow/stations.ts';
import type { Values } from '../../../../web/src/view/flow/vectors.ts';

const [tokens, heads, width, neurons] = [6, 4, 32, 128];
const block = 2;
const layout = layoutFlow({ width: 1360, tokens, query: tokens - 1, block, blocks: 6 });

const dimsOf = (id: StationId): number[] => {
  const { extent } = stationOf(id);
  if (extent === 'tokens') return [heads, tokens, tokens];
  if (extent === 'mlp') return [tokens, neurons];
  const ofHeads = stationOf(id).tensor.startsWith('attn.');
  return ofHeads ? [tokens, heads, width / heads] : [tokens, width];
};
const valuesOf = (id: StationId): Values => {
  const dims = dimsOf(id);
  const length = dims.reduce((a, b) => a * b, 1);
  return { dims, data: Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 4) };
};
const entry = ({ data, dims }: Values, index: readonly number[]) =>
  data[index.reduce((place, at, axis) => place * dims[axis]! + at, 0)];
const where = { block, head: 3, density: 2 };

describe('the number under the pointer', () => {
  test.each(stations.map(({ id }) => id))('of %s is that of its index in its tensor', (id) => {
    const values = valuesOf(id);
    const column = layout.columns.find((each) => each.id === id)!;
    for (const position of [0, 3, tokens - 1]) {
      for (const along of [0, 0.13, 0.5, 0.999]) {
        const y = rowMiddle(layout, position);
        const place = placeAt(layout, column.x + along * column.width, y)!;
        const readout = readoutUnder(place, layout, values, where);
        if (stationOf(id).extent === 'tokens' && Math.floor(along * tokens) > position) {
          // A token does not look ahead: there is nothing.
          expect(readout).toBeNull();
          continue;
        }
        expect(readout!.position).toBe(position);
        expect(readout!.value).toBe(entry(values, readout!.subject.index));
        expect(readout!.component).toBeLessThan(readout!.count);
      }
    }
  });

  test('names the tensor of the block on screen', () => {
    const at = { station: 'q', position: 1, along: 0.2 } as const;
    const { subject } = readoutUnder(at, layout, valuesOf('q'), where)!;
    expect(subject.name).toBe('blocks.2.attn.hook_q');
    expect(subject.index.slice(0, 2)).toEqual([1, 3]);
  });

  test.each(['residPre', 'attnOut', 'q', 'pattern', 'mlpPost'] as const)(
    'of %s can be asked for by its place in the strip',
    (id) => {
      const values = valuesOf(id);
      const readout = componentReadout(id, 3, values, where, 2)!;
      expect(readout).toMatchObject({ position: 3, component: 2 });
      expect(readout.value).toBe(entry(values, readout.subject.index));
      expect(componentReadout(id, 3, values, where, readout.count)).toBeNull();
    },
  );

  test('is the strongest of those that share the pixel', () => {
    const values = valuesOf('mlpPre');
    values.data.fill(0.1);
    values.data[2 * neurons + 77] = -5;
    const column = layout.columns.find(({ id }) => id === 'mlpPre')!;
    const pixels = Math.round(column.width);
    expect(pixels).toBeLessThan(neurons);
    const shown = Array.from({ length: pixels }, (_, pixel) => {
      const at = { station: 'mlpPre', position: 2, along: (pixel + 0.5) / pixels } as const;
      return readoutUnder(at, layout, values, { ...where, density: 1 })!;
    });
    const strong = shown.filter(({ component }) => component === 77);
    expect(strong.map(({ value }) => value)).toEqual([-5]);
  });
});

test('the strongest of a strip is the largest of its row', () => {
  for (const { id } of stations) {
    const values = valuesOf(id);
    const { value, subject, count } = strongestReadout(id, 4, values, where);
    expect(value).toBe(entry(values, subject.index));
    expect(count).toBeGreaterThan(1);
  }
});

describe('the number that has the full colour', () => {
  const rows = { first: 0, end: tokens };
  test.each(stations.map(({ id }) => id))('of %s is the largest on screen', (id) => {
    const values = valuesOf(id);
    const largest = largestReadout(id, values, where, rows);
    expect(largest.value).toBe(entry(values, largest.subject.index));
    for (let position = 0; position < tokens; position += 1) {
      const { value } = strongestReadout(id, position, values, where);
      expect(Math.abs(value)).toBeLessThanOrEqual(Math.abs(largest.value));
    }
  });

  test('is not one of a row that is off screen', () => {
    const values = valuesOf('mlpPre');
    values.data[5] = 99;
    expect(largestReadout('mlpPre', values, where, rows).value).toBe(99);
    const later = largestReadout('mlpPre', values, where, { first: 1, end: tokens });
    expect(later.value).toBeLessThan(99);
  });
});

describe('a key', () => {
  const at = { station: 'k', position: 3 } as const;
  const ids = stations.map(({ id }) => id);
  test.each([
    ['ArrowLeft', 'q', 3],
    ['ArrowRight', 'pattern', 3],
    ['ArrowUp', 'k', 2],
    ['ArrowDown', 'k', 4],
    ['Home', ids[0], 3],
    ['End', ids.at(-1), 3],
    ['PageUp', 'k', 0],
    ['PageDown', 'k', 5],
  ])('%s leads to %s, position %d', (key, station, position) => {
    expect(moveInFlow(at, key, tokens)).toEqual({ station, position });
  });

  test('stops at the edges', () => {
    expect(moveInFlow({ station: 'embed', position: 0 }, 'ArrowLeft', 1)?.station).toBe('embed');
    expect(moveInFlow({ station: 'lnFinal', position: 0 }, 'ArrowRight', 1)?.station).toBe(
      'lnFinal',
    );
    expect(moveInFlow({ station: 'q', position: 0 }, 'ArrowUp', 1)?.position).toBe(0);
    expect(moveInFlow({ station: 'q', position: 0 }, 'ArrowDown', 1)?.position).toBe(0);
  });

  test.each(['a', 'Enter', 'Tab', 'Escape'])('%s is left to others', (key) => {
    expect(moveInFlow(at, key, tokens)).toBeNull();
  });

  test('by arrows every place can be reached', () => {
    const reached = new Set<string>();
    let place: { station: StationId; position: number } = { station: 'embed', position: 0 };
    for (let row = 0; row < tokens; row += 1) {
      place = moveInFlow(place, 'Home', tokens)!;
      for (let column = 0; column < stations.length; column += 1) {
        reached.add(`${place.station} ${place.position}`);
        place = moveInFlow(place, 'ArrowRight', tokens)!;
      }
      place = moveInFlow(place, 'ArrowDown', tokens)!;
    }
    expect(reached.size).toBe(stations.length * tokens);
  });
});
