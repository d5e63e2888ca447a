import { describe, expect, test } from 'vitest';
import {
  drawLine,
  listCandidates,
  listTokens,
  logitShare,
  type Stages,
} from '../../../web/src/view/next_token.ts';

/** Six tokens; ids are not in the order of their probabilities. Top-k kept five, top-p three. */
function stages(change: Partial<Stages> = {}): Stages {
  const order = Int32Array.of(3, 0, 5, 1, 4, 2);
  const probabilities = Float32Array.of(0.25, 0.0625, 0.0078125, 0.5, 0.0546875, 0.125);
  return {
    logits: probabilities.map(Math.log),
    scaled: probabilities.map((p) => 2 * Math.log(p)),
    probabilities,
    order,
    afterTopK: 5,
    afterTopP: 3,
    filtered: Float32Array.of(0.25 / 0.875, 0, 0, 0.5 / 0.875, 0, 0.125 / 0.875),
    draw: 0.7,
    token: 0,
    ...change,
  };
}

describe('the share of a logit', () => {
  test('goes from the lowest of the vocabulary to the highest', () => {
    const shareOf = logitShare({ logits: Float32Array.of(-4, 12, 0, -Infinity) });
    expect([-4, 0, 12].map(shareOf)).toEqual([0, 0.25, 1]);
    expect([-Infinity, Infinity].map(shareOf)).toEqual([0, 1]);
  });

  test('is nothing where all are the same', () => {
    expect(logitShare({ logits: Float32Array.of(3, 3) })(3)).toBe(0);
  });
});

describe('the list of candidates', () => {
  test('starts with the most probable', () => {
    const { candidates } = listCandidates(stages(), 4);
    expect(candidates.map((row) => row.id)).toEqual([3, 0, 5, 1]);
    expect(candidates[1]).toMatchObject({ rank: 1, probability: 0.25, drawn: true, cut: null });
  });

  test('says which rule cut a token', () => {
    const { candidates } = listCandidates(stages(), 6);
    expect(candidates.map((row) => row.cut)).toEqual([null, null, null, 'topP', 'topP', 'topK']);
  });

  test('sums up all others over the whole vocabulary', () => {
    const { rest } = listCandidates(stages(), 2);
    expect(rest).toEqual({
      tokens: 4,
      probability: 0.125 + 0.0625 + 0.0546875 + 0.0078125,
      kept: 1,
      filtered: Math.fround(0.125 / 0.875),
    });
  });

  test('accounts for all probability, however many are listed', () => {
    for (let shown = 0; shown <= 7; shown += 1) {
      const { candidates, drawnBelow, rest } = listCandidates(stages({ token: 5 }), shown);
      const rows = drawnBelow ? [...candidates, drawnBelow] : candidates;
      const sum = rows.reduce((total, row) => total + row.probability, rest.probability);
      expect(sum).toBe(1);
      expect(rows.length + rest.tokens).toBe(6);
    }
  });

  test('shows the drawn token also where it is not among the first, and counts it once', () => {
    const { drawnBelow, rest } = listCandidates(stages({ token: 5 }), 1);
    expect(drawnBelow).toMatchObject({ id: 5, rank: 2, drawn: true });
    expect(rest).toMatchObject({ tokens: 4, kept: 1 });
  });

  test('of a small vocabulary has no rest', () => {
    expect(listCandidates(stages(), 50).rest).toMatchObject({ tokens: 0, probability: 0 });
  });
});

describe('the line of the draw', () => {
  test('puts the kept tokens side by side, the most probable first', () => {
    const shares = drawLine(stages(), 0);
    expect(shares.map((share) => share.id)).toEqual([3, 0, 5]);
    expect(shares[0]!.from).toBe(0);
    expect(shares[1]!.from).toBeCloseTo(0.5 / 0.875);
    expect(shares.at(-1)!.to).toBeCloseTo(1);
  });

  test('has the draw within the drawn token', () => {
    const drawn = drawLine(stages(), 0).find((share) => share.drawn)!;
    expect(drawn.id).toBe(0);
    expect(drawn.from).toBeLessThanOrEqual(0.7);
    expect(drawn.to).toBeGreaterThan(0.7);
  });

  test('joins what is too narrow', () => {
    const shares = drawLine(stages({ token: 5, draw: 0.95 }), 0.2);
    expect(shares.map((share) => share.id)).toEqual([3, 0, null]);
    expect(shares[2]).toMatchObject({ to: 1, drawn: true });
  });

  test('of a greedy choice is one token', () => {
    const filtered = Float32Array.of(0, 0, 0, 1, 0, 0);
    const greedy = stages({ afterTopK: 1, afterTopP: 1, filtered, draw: 0, token: 3 });
    expect(drawLine(greedy, 0.01)).toEqual([{ id: 3, from: 0, to: 1, drawn: true }]);
  });
});

test('tokens that were searched for stand as they were found, each with its rank', () => {
  const ranks = [1, 3, 5, 0, 4, 2];
  const { candidates, rest, drawnBelow } = listTokens(stages(), [2, 3], ranks);
  expect(candidates.map(({ id, rank, cut }) => [id, rank, cut])).toEqual([
    [2, 5, 'topK'],
    [3, 0, null],
  ]);
  expect(candidates[1]!.probability).toBe(0.5);
  expect([rest.tokens, drawnBelow]).toEqual([0, null]);
});
