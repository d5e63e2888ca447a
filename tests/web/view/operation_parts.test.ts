import { describe, expect, test } from 'vitest';
import { firstSubject } from '../../../web/src/view/focus.ts';
import { matricesOf, partsOf } from '../../../web/src/view/operation_parts.ts';
import { operationIds } from '../../../web/src/view/operations.ts';

const at = { block: 2, head: 1, query: 5 };
const namesOf = (...focus: Parameters<typeof partsOf>) =>
  partsOf(...focus).map(({ sign, name }) => `${sign}${name}`);
const subject = (name: string) => ({ name, index: [5, 0] });

describe('the vectors of an operation', () => {
  test('are what it takes in and what it gives out', () => {
    expect(namesOf({ operation: 'gelu', subject: null }, at, 6)).toEqual([
      'blocks.2.mlp.hook_pre',
      '→blocks.2.mlp.hook_post',
    ]);
    expect(namesOf({ operation: 'embedding', subject: null }, at, 6)).toEqual([
      'hook_embed',
      '+hook_pos_embed',
      '=blocks.0.hook_resid_pre',
    ]);
  });

  test.each([
    [
      'hook_resid_mid',
      ['blocks.2.hook_resid_pre', '+blocks.2.hook_attn_out', '=blocks.2.hook_resid_mid'],
    ],
    [
      'hook_resid_post',
      ['blocks.2.hook_resid_mid', '+blocks.2.hook_mlp_out', '=blocks.2.hook_resid_post'],
    ],
    // What enters a block has left the one before.
    [
      'hook_resid_pre',
      ['blocks.1.hook_resid_mid', '+blocks.1.hook_mlp_out', '=blocks.1.hook_resid_post'],
    ],
  ])('of the residual connection are those that make %s', (name, parts) => {
    const focus = { operation: 'residual', subject: subject(`blocks.2.${name}`) } as const;
    expect(namesOf(focus, at, 6)).toEqual(parts);
  });

  test('of the layer norm are those of the one in focus', () => {
    const of = (norm: string) =>
      namesOf(
        { operation: 'layerNorm', subject: subject(`blocks.2.${norm}.hook_normalized`) },
        at,
        6,
      );
    expect(of('ln1')).toEqual([
      'blocks.2.hook_resid_pre',
      '→blocks.2.ln1.hook_scale',
      '→blocks.2.ln1.hook_normalized',
      '·h.2.ln_1.weight',
      '+h.2.ln_1.bias',
      '=blocks.2.ln1.output',
    ]);
    expect(of('ln2')[0]).toBe('blocks.2.hook_resid_mid');
    expect(of('ln2')[4]).toBe('+h.2.ln_2.bias');
  });

  test('are, of what multiplies a layer norm, what that gives out', () => {
    const first = (operation: 'queryKeyValue' | 'mlpUp' | 'unembedding') =>
      partsOf({ operation, subject: null }, at, 6)[0];
    expect(first('queryKeyValue')).toMatchObject({ name: 'blocks.2.ln1.output', kind: 'norm' });
    expect(first('mlpUp')).toMatchObject({ name: 'blocks.2.ln2.output', kind: 'norm' });
    expect(first('unembedding')).toMatchObject({ name: 'ln_final.output', kind: 'norm' });
  });

  test('of the final norm come from the last block', () => {
    expect(namesOf({ operation: 'finalNorm', subject: null }, at, 48)[0]).toBe(
      'blocks.47.hook_resid_post',
    );
  });

  test.each([0, 2, 47])('stand at the selected place, in block %d', (block) => {
    for (const operation of operationIds) {
      const known = { ...at, block, tokens: 9, key: 0, best: 0, rowOf: () => null };
      const focus = { operation, subject: firstSubject(operation, known) };
      for (const part of partsOf(focus, { ...at, block }, 48)) {
        expect([part.position, part.head]).toEqual([5, 1]);
        const names = { weight: /(weight|bias)$/, norm: /output$/, activation: /hook_|^logits$/ };
        expect(part.name).toMatch(names[part.kind]);
      }
    }
  });

  test('begin with what the others are made from', () => {
    for (const operation of operationIds) {
      const [first, ...others] = partsOf({ operation, subject: null }, at, 6);
      if (first) expect(first.sign).toBe('');
      for (const { sign } of others) expect(sign).not.toBe('');
    }
  });
});

test('each weight of the model is a vector or a matrix of some operation', () => {
  const block = (names: string[]) => names.map((name) => `h.2.${name}`);
  const both = (layer: string) => [`${layer}.weight`, `${layer}.bias`];
  const layers = ['ln_1', 'attn.c_attn', 'attn.c_proj', 'ln_2', 'mlp.c_fc', 'mlp.c_proj'];
  const all = ['wte.weight', 'wpe.weight', ...block(layers.flatMap(both)), ...both('ln_f')];
  // The second layer norm is opened from the flow.
  const second = { operation: 'layerNorm', subject: subject('blocks.2.ln2.hook_scale') } as const;
  const foci = [second, ...operationIds.map((operation) => ({ operation, subject: null }))];
  const found = foci.flatMap((focus) => [
    ...partsOf(focus, at, 6).flatMap(({ name, kind }) => (kind === 'weight' ? [name] : [])),
    ...matricesOf(focus, at.block),
  ]);
  expect([...new Set(found)].sort()).toEqual(all.sort());
  expect(matricesOf({ operation: 'unembedding', subject: null }, 2, false)).toEqual([
    'lm_head.weight',
  ]);
});

describe('the matrices of an operation', () => {
  test.each([
    ['embedding', ['wte.weight', 'wpe.weight']],
    ['queryKeyValue', ['h.2.attn.c_attn.weight']],
    ['outputProjection', ['h.2.attn.c_proj.weight']],
    ['mlpUp', ['h.2.mlp.c_fc.weight']],
    ['mlpDown', ['h.2.mlp.c_proj.weight']],
    ['unembedding', ['wte.weight']],
    ['gelu', []],
    ['residual', []],
  ] as const)('%s: %j', (operation, names) => {
    expect(matricesOf({ operation, subject: null }, 2)).toEqual(names);
  });

  test('are those of the block in focus', () => {
    const focus = { operation: 'mlpUp', subject: subject('blocks.4.mlp.hook_pre') } as const;
    expect(matricesOf(focus, 2)).toEqual(['h.4.mlp.c_fc.weight']);
  });
});
