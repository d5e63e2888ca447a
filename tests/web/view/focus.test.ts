import { describe, expect, test } from 'vitest';
import {
  blockOf,
  firstSubject,
  type Known,
  moved,
  operationOf,
  whereaboutsOf,
} from '../../../web/src/view/focus.ts';
import { operationIds } from '../../../web/src/view/operations.ts';

const row = (name: string, shape: string) => ({
  name,
  shape,
  perBlock: true,
  onRequest: false,
  meaning: '',
});
const table = [
  row('hook_resid_mid', 'TC'),
  row('attn.hook_q', 'THD'),
  row('attn.hook_pattern', 'HTS'),
  row('mlp.hook_post', 'TF'),
  row('logits', 'TV'),
];

describe('the operation of an activation', () => {
  test.each([
    ['hook_embed', 'embedding'],
    ['blocks.0.hook_resid_pre', 'embedding'],
    ['blocks.1.hook_resid_pre', 'residual'],
    ['blocks.11.attn.hook_pattern', 'softmax'],
    ['blocks.3.ln2.hook_scale', 'layerNorm'],
    ['ln_final.hook_normalized', 'finalNorm'],
    ['logits', 'unembedding'],
    ['probabilities', 'temperature'],
    ['blocks.0.nothing', 'residual'],
  ])('of %s is %s', (name, operation) => expect(operationOf({ name })).toBe(operation));
});

test('the block is in the name, where there is one', () => {
  expect(blockOf('blocks.11.attn.hook_q')).toBe(11);
  expect(blockOf('ln_final.hook_scale')).toBeNull();
});

describe('where a number stands', () => {
  test('is said by its name and its index', () => {
    const q = { name: 'blocks.4.attn.hook_q', index: [7, 2, 30] };
    expect(whereaboutsOf(q, table)).toEqual({ block: 4, head: 2, query: 7 });
    const pattern = { name: 'blocks.0.attn.hook_pattern', index: [5, 7, 3] };
    expect(whereaboutsOf(pattern, table)).toEqual({ block: 0, head: 5, query: 7 });
  });

  test('is unknown where they do not say it', () => {
    const logit = { name: 'logits', index: [9, 1372] };
    expect(whereaboutsOf(logit, table)).toEqual({ block: null, head: null, query: 9 });
    const unknown = { name: 'blocks.1.hook_new', index: [1, 2] };
    expect(whereaboutsOf(unknown, table)).toEqual({ block: 1, head: null, query: null });
  });
});

describe('the same number elsewhere', () => {
  const to = { block: 5, head: 1, query: 4 };
  test.each([
    ['blocks.2.attn.hook_q', [9, 3, 17], 'blocks.5.attn.hook_q', [4, 1, 17]],
    ['blocks.2.hook_resid_mid', [9, 100], 'blocks.5.hook_resid_mid', [4, 100]],
    ['blocks.2.mlp.hook_post', [0, 700], 'blocks.5.mlp.hook_post', [4, 700]],
  ])('%s%j keeps its component', (name, index, name2, index2) => {
    expect(moved({ name, index }, to, table)).toEqual({ name: name2, index: index2 });
  });

  test('looks at the same key, but not ahead', () => {
    const pattern = (key: number) => ({ name: 'blocks.2.attn.hook_pattern', index: [3, 9, key] });
    expect(moved(pattern(2), to, table).index).toEqual([1, 4, 2]);
    expect(moved(pattern(8), to, table).index).toEqual([1, 4, 4]);
  });

  test('is where it says that it is', () => {
    const name = 'blocks.0.attn.hook_q';
    expect(whereaboutsOf(moved({ name, index: [0, 0, 5] }, to, table), table)).toEqual(to);
  });
});

describe('the number that is explained first', () => {
  const values: Record<string, number[]> = {
    'blocks.3.hook_resid_mid': [0.1, -7, 2],
    'blocks.3.attn.hook_q': [1, 2, -3, 0],
    'ln_final.hook_normalized': [5, 1],
    'blocks.0.hook_resid_pre': [0, 0, 0.2],
  };
  const known = (more: Partial<Known> = {}): Known => ({
    block: 3,
    head: 2,
    query: 6,
    tokens: 9,
    key: 4,
    best: 1372,
    rowOf: (name) => values[name] ?? null,
    ...more,
  });

  test.each([
    ['residual', 'blocks.3.hook_resid_mid', [6, 1]],
    ['queryKeyValue', 'blocks.3.attn.hook_q', [6, 2, 2]],
    ['embedding', 'blocks.0.hook_resid_pre', [6, 2]],
    ['finalNorm', 'ln_final.hook_normalized', [6, 0]],
    ['softmax', 'blocks.3.attn.hook_pattern', [2, 6, 4]],
    ['scores', 'blocks.3.attn.hook_attn_scores', [2, 6, 4]],
    // The logits of the last position are those of the next token.
    ['unembedding', 'logits', [8, 1372]],
    // Not there yet: the first of its numbers.
    ['mlpDown', 'blocks.3.hook_mlp_out', [6, 0]],
  ] as const)('of %s is the largest of %s', (operation, name, index) => {
    expect(firstSubject(operation, known())).toEqual({ name, index });
  });

  test('of the mask is a pair that it forbids, at the last token too', () => {
    for (const query of [0, 6, 8]) {
      const [head, from, to] = firstSubject('mask', known({ query }))!.index as [
        number,
        number,
        number,
      ];
      expect(head).toBe(2);
      expect(to).toBe(from + 1);
      expect(to).toBeLessThan(9);
    }
    expect(firstSubject('mask', known({ tokens: 1, query: 0 }))).toBeNull();
  });

  test('is made by that operation, where it is one of the model’s', () => {
    const none = operationIds.filter((operation) => firstSubject(operation, known()) === null);
    expect(none).toEqual(['tokenization', 'temperature', 'topK', 'topP', 'sampling']);
    const shared = { scale: 'scores', mask: 'scores', concatenation: 'weightedSum' };
    for (const operation of operationIds) {
      const subject = firstSubject(operation, known());
      if (!subject) continue;
      const own = operation in shared ? shared[operation as keyof typeof shared] : operation;
      expect(operationOf(subject)).toBe(own);
    }
  });
});
