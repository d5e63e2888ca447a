import { expect, test } from 'vitest';
import type { Stages } from '../../../web/src/view/next_token.ts';
import { candidatesCsv } from '../../../web/src/view/tables.ts';

const numbers = (...values: number[]) => Float32Array.from(values);
const stages: Stages = {
  logits: numbers(1, 3, 2),
  scaled: numbers(2, 6, 4),
  probabilities: numbers(0.125, 0.625, 0.25),
  order: Int32Array.of(1, 2, 0),
  afterTopK: 2,
  afterTopP: 2,
  filtered: numbers(0, 0.75, 0.25),
  draw: 0.5,
  token: 1,
};

test('the next token’s table has each token, the most probable first', () => {
  const tokens = ['a', ' b', 'c'];
  const bytesOf = (id: number) => new TextEncoder().encode(tokens[id]);
  expect(candidatesCsv(stages, bytesOf).split('\n')).toEqual([
    'rank,id,token,bytes,logit,scaled,probability,filtered,drawn',
    '1,1, b,2062,3,6,0.625,0.75,1',
    '2,2,c,63,2,4,0.25,0.25,0',
    '3,0,a,61,1,2,0.125,0,0',
    '',
  ]);
});

test('tokens with commas, quotes and line ends stay in their cells, parts of characters are bytes', () => {
  const bytes = [Uint8Array.of(0x22, 0x2c), Uint8Array.of(0x0a), Uint8Array.of(0xe4, 0xb8)];
  const csv = candidatesCsv(stages, (id) => bytes[id]!);
  expect(csv).toContain('\n1,1,"\n",0a,');
  expect(csv).toContain('\n2,2,\ufffd,e4b8,');
  expect(csv).toContain('\n3,0,""",",222c,');
});
