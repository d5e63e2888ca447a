import { mkdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { below } from '../../tools/setup/paths.mjs';
import { makeIfChanged } from '../../tools/steps/stamps.mjs';

const scratch = 'build/stamps-test';
const name = 'stamps-test';

describe('makeIfChanged', () => {
  const make = () => writeFileSync(below(scratch, 'output'), 'made');
  const step = (more) =>
    makeIfChanged({
      name,
      inputs: [`${scratch}/inputs`, `${scratch}/absent`],
      outputs: [`${scratch}/output`],
      make,
      ...more,
    });

  beforeEach(() => {
    mkdirSync(below(scratch, 'inputs/deep'), { recursive: true });
    writeFileSync(below(scratch, 'inputs/deep/a'), 'one');
  });

  afterEach(() => {
    rmSync(below(scratch), { recursive: true });
    rmSync(below('build/stamps', name), { force: true });
  });

  test('makes once, and not again while nothing has changed', async () => {
    expect(await step()).toBe(true);
    expect(await step()).toBe(false);
  });

  test('makes again when a file was written, added or removed', async () => {
    await step();
    writeFileSync(below(scratch, 'inputs/deep/a'), 'longer');
    expect(await step()).toBe(true);
    writeFileSync(below(scratch, 'inputs/b'), '');
    expect(await step()).toBe(true);
    unlinkSync(below(scratch, 'inputs/b'));
    expect(await step()).toBe(true);
  });

  test('makes again when an input appears that was absent', async () => {
    await step();
    writeFileSync(below(scratch, 'absent'), '');
    expect(await step()).toBe(true);
  });

  test('makes again when an output is gone', async () => {
    await step();
    unlinkSync(below(scratch, 'output'));
    expect(await step()).toBe(true);
  });

  test('makes again after a failure', async () => {
    const fail = () => Promise.reject(new Error('no'));
    await expect(step({ make: fail })).rejects.toThrow('no');
    expect(await step()).toBe(true);
    writeFileSync(below(scratch, 'inputs/b'), '');
    await expect(step({ make: fail })).rejects.toThrow('no');
    unlinkSync(below(scratch, 'inputs/b'));
    expect(await step()).toBe(true);
  });
});
