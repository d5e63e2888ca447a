import { describe, expect, test } from 'vitest';
import {
  addSample,
  rateOf,
  remainingOf,
  type Sample,
  Tally,
} from '../../../web/src/view/download.ts';

describe('the speed of a download', () => {
  const after = (...samples: [number, number][]) =>
    samples.reduce<readonly Sample[]>(
      (before, [at, arrived]) => addSample(before, { at, arrived }),
      [],
    );

  test('is told only once it is steady', () => {
    expect(rateOf([])).toBeNull();
    expect(rateOf(after([0, 0], [1000, 9e6]))).toBeNull();
    expect(rateOf(after([0, 0], [1000, 1e6], [2000, 4e6]))).toBe(2e6);
  });

  test('is that of late', () => {
    expect(rateOf(after([0, 0], [1000, 50e6], [9000, 51e6], [11_000, 53e6]))).toBe(1e6);
  });

  test('says how long it will take, where the end is known', () => {
    expect(remainingOf({ loaded: 10, total: 110 }, 20)).toBe(5);
    expect(remainingOf({ loaded: 10, total: 0 }, 20)).toBeNull();
    expect(remainingOf({ loaded: 10, total: 110 }, null)).toBeNull();
    expect(remainingOf({ loaded: 10, total: 110 }, 0)).toBeNull();
  });
});

describe('the bytes of several files', () => {
  test('are counted together', () => {
    const tally = new Tally(1000);
    tally.add('config.json', { loaded: 100, total: 100 });
    expect(tally.add('model.safetensors', { loaded: 300, total: 0 })).toMatchObject({
      loaded: 400,
      total: 1000,
    });
    // The manifest may be wrong about a file.
    expect(tally.add('model.safetensors', { loaded: 3000, total: 0 }).loaded).toBe(1000);
  });

  test('have no end before that of the weights is known', () => {
    const tally = new Tally(0);
    expect(tally.add('config.json', { loaded: 10, total: 10 }).total).toBe(0);
    expect(tally.add('model.safetensors', { loaded: 5, total: 90 })).toMatchObject({
      loaded: 15,
      total: 100,
    });
  });

  test('have not arrived where they were there before', () => {
    const tally = new Tally(1000);
    tally.add('config.json', { loaded: 100, total: 100 });
    expect(tally.add('model.safetensors', { loaded: 500, total: 900 }).arrived).toBe(0);
    expect(tally.add('model.safetensors', { loaded: 600, total: 900 })).toEqual({
      ...{ loaded: 700, total: 1000, arrived: 100 },
    });
  });
});
