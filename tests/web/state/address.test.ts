import { describe, expect, test } from 'vitest';
import { type Address, formatAddress, parseAddress } from '../../../web/src/state/address.ts';
import { defaultSampling } from '../../../web/src/view/sampling.ts';

const plain: Address = { sampling: defaultSampling };

describe('the address of the page', () => {
  test('is empty where everything has its default', () => {
    expect(formatAddress(plain)).toBe('');
    expect(parseAddress('')).toEqual(plain);
  });

  test('comes back as it was', () => {
    const address: Address = {
      model: 'https://models.example/a b/?&#',
      dtype: 'q8',
      language: 'zh-CN',
      text: '白日依山尽，\n#&=+% 🐉 "',
      ids: [5, 0, 6143],
      block: 3,
      head: 5,
      query: 5,
      key: 0,
      measure: 'contribution',
      why: { name: 'blocks.3.attn.hook_pattern', index: [5, 0, 0] },
      tour: 'softmax',
      sampling: { greedy: true, temperature: 1.25, topK: 7, topP: 0.9, seed: 123456 },
    };
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  test('can hold an empty text', () => {
    expect(parseAddress(formatAddress({ ...plain, text: '' })).text).toBe('');
  });

  test.each([
    ['block=-1', 'block'],
    ['block=1.5', 'block'],
    ['head=x', 'head'],
    ['query=1e99', 'query'],
    ['key=-1', 'key'],
    ['key=0.5', 'key'],
    ['key=1e7', 'key'],
    ['lang=fr', 'language'],
    ['dtype=q4', 'dtype'],
    ['map=size', 'measure'],
    ['why=logits:1,x', 'why'],
    ['ids=', 'ids'],
    ['ids=1,2', 'ids'],
    ['ids=1.-2', 'ids'],
    ['ids=1.2.', 'ids'],
    ['ids=1e3', 'ids'],
    ['ids=1.12345678', 'ids'],
    ['ids=0x10', 'ids'],
    [`ids=${'7.'.repeat(100_000)}7`, 'ids'],
    [`ids=${'7.'.repeat(4096)}7`, 'ids'],
    ['tour=nowhere', 'tour'],
  ])('ignores %s', (hash, name) => {
    expect(parseAddress(`#${hash}`)[name as keyof Address]).toBeUndefined();
  });

  test.each([
    'temperature=0',
    'temperature=NaN',
    'topp=2',
    'topk=-3',
    'topk=1.5',
    'seed=-1',
    'topp=',
  ])('takes the default instead of %s', (hash) =>
    expect(parseAddress(`#${hash}`).sampling).toEqual(defaultSampling),
  );

  test('may be broken in any way', () => {
    for (const hash of ['#%', '#&&==', '#text=%E7%99', '#lang']) {
      expect(() => parseAddress(hash)).not.toThrow();
    }
  });
});
