import { expect, test } from 'vitest';
import { shareAddress } from '../../../web/src/state/address.ts';
import { dimsOf } from '../../../web/src/state/export.ts';
import { fileNameOf } from '../../../web/src/state/save_file.ts';
import { defaultSampling } from '../../../web/src/view/sampling.ts';

test.each([
  ['stories', 'blocks.3.attn.hook_pattern', 'glassformer-stories-blocks.3.attn.hook_pattern.csv'],
  ['openai-community/gpt2', 'logits', 'glassformer-openai-community_gpt2-logits.csv'],
  ['../../etc', 'a:b*?"<>|c\0', 'glassformer-etc-a_b_c.csv'],
  ['我的模型', 'z5', 'glassformer-z5.csv'],
])('%s and %s give a name that every system takes', (model, name, file) => {
  expect(fileNameOf(model, name, 'csv')).toBe(file);
});

test('a shared link leads to the page, without what was asked of the server', () => {
  const place = new URL('https://example.org/under/index.html?utm=1#text=old');
  const address = {
    model: 'tang',
    language: 'zh-CN',
    text: '月',
    sampling: defaultSampling,
  } as const;
  expect(shareAddress(address, place)).toBe(
    'https://example.org/under/index.html#model=tang&lang=zh-CN&text=%E6%9C%88',
  );
});

test('an activation is as large as its letters say', () => {
  const config = { n_head: 6, n_embd: 192, head_width: 32, n_inner: 768, vocab_size: 4096 };
  const dims = (shape: string) => dimsOf(shape, config as Parameters<typeof dimsOf>[1], 10);
  expect(dims('HTS')).toEqual([6, 10, 10]);
  expect(dims('THD')).toEqual([10, 6, 32]);
  expect(dims('TF')).toEqual([10, 768]);
  expect(dims('T1')).toEqual([10, 1]);
  expect(dims('TV')).toEqual([10, 4096]);
});
