// The schema says of an edit what core says, as far as a schema can know a model.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load, type Edit, type Model } from 'glassformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainFiles, root } from './support/models.ts';

const schema = JSON.parse(readFileSync(path.join(root, 'bindings/edits.schema.json'), 'utf8'));
const isValid = new Ajv2020().compile(schema);
let model: Model;
beforeAll(async () => void (model = await load(plainFiles())));
afterAll(() => model.dispose());

const z = { name: 'blocks.0.attn.hook_z' };
const embedding = Array.from({ length: 2 }, () => Array<number>(64).fill(0));

describe('the schema of edits accepts what core accepts', () => {
  it.each([
    [[]],
    [[{ ...z, op: 'zero' }]],
    [[{ name: 'z0', op: 'mean', head: 1, position: -1 }]],
    [[{ ...z, op: 'scale', value: 2, head: [0, 2], neuron: [-3, 0] }]],
    [[{ ...z, op: 'set', value: [1, 2], position: 0, head: 0, neuron: [0, 2] }]],
    [[{ ...z, op: 'add', value: [[[1], [2]]], position: 0, head: 0, neuron: [0, 2] }]],
    [[{ name: 'hook_embed', op: 'patch', value: embedding, position: 1 }]],
  ])('%j', async (edits) => {
    expect(isValid(edits)).toBe(true);
    await expect(model.runWithCache([1, 2], { edits: edits as Edit[] })).resolves.toBeDefined();
  });
});

describe('the schema of edits refuses what core refuses', () => {
  it.each([
    [[3]],
    [[{ op: 'zero' }]],
    [[{ ...z }]],
    [[{ ...z, op: 'explode' }]],
    [[{ ...z, op: 'zero', value: 1 }]],
    [[{ ...z, op: 'scale' }]],
    [[{ ...z, op: 'scale', value: [] }]],
    [[{ ...z, op: 'zero', heads: 1 }]],
    [[{ ...z, op: 'zero', head: 1.5 }]],
    [[{ ...z, op: 'zero', head: [1, 2, 3] }]],
    [[{ name: '', op: 'zero' }]],
  ])('%j', async (edits) => {
    expect(isValid(edits)).toBe(false);
    await expect(model.runWithCache([1, 2], { edits: edits as never })).rejects.toMatchObject({
      code: expect.stringMatching(/^bad-/),
    });
  });
});
