import { describe, expect, test } from 'vitest';
import { deeds } from '../../tools/bench/feel/deeds.mjs';
import {
  feelTable,
  openingSummary,
  quantile,
  spreadOf,
  summaryOf,
} from '../../tools/bench/feel/table.mjs';
import { feelTargets, missed } from '../../tools/bench/feel/targets.mjs';
import { targetsTable } from '../../tools/bench/report/target_row.mjs';

const round = (work, blocked, processor) => ({
  work,
  latency: work,
  frames: [17],
  blocked,
  processor,
});

describe('what the page felt like', () => {
  test('a quantile is one of the values', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([1, 1, 3, 5, 5]);
  });

  test('a spread of nothing is none', () => {
    expect(spreadOf([])).toBeUndefined();
  });

  test('rounds are put together, long tasks are counted for each', () => {
    const summary = summaryOf([round([1, 3], [60], 5), round([2], [], 7)]);
    expect(summary.work).toEqual({ p50: 2, p95: 3, worst: 3 });
    expect(summary.processor).toBe(6);
    expect(summary.blocked).toEqual({ perRound: 0.5, longest: 60 });
  });

  test('the table has a row for each deed, and a dash for what was not seen', () => {
    const summary = summaryOf([round([], [], 5)]);
    const lines = feelTable([{ deed: 'typing', tokens: 10, summary }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toMatch(/^typing +10 +5\.0 +- +- +17 \/ 17 \/ 17 +0\.0 +0\.0$/);
  });

  test('what was measured has a verdict: a frame for hovering at 64 tokens, three at 256', () => {
    const seen = summaryOf([round([20, 20], [], 5)]);
    const blocked = summaryOf([round([], [60], 5)]);
    const opening = openingSummary([
      { flowAt: 1100, blocked: [70] },
      { flowAt: 1100, blocked: [] },
    ]);
    expect(opening.blocked).toEqual({ perRound: 0.5, longest: 70 });
    const targets = feelTargets(opening, [
      { deed: 'hover, flow', tokens: 64, summary: seen },
      { deed: 'hover, flow', tokens: 256, summary: seen },
      { deed: 'typing', tokens: 64, summary: blocked },
    ]);
    const metOf = (what) => targets.find((target) => target.what.startsWith(what)).isMet;
    expect(metOf('first picture')).toBe(false);
    expect(metOf('opening, longest')).toBe(false);
    expect(metOf('hover, flow, 64 tokens, 95%')).toBe(false);
    expect(metOf('hover, flow, 256 tokens, 95%')).toBe(true);
    expect(metOf('hover, flow, 64 tokens, longest')).toBe(true);
    expect(metOf('typing')).toBe(false);
    expect(targetsTable(targets)).toMatch(
      /typing, 64 tokens, longest task +at most 50\.0 ms +60\.0 ms +not met/,
    );
  });

  test('hovering over anything is to be answered in time, and holds nothing up', () => {
    const summary = summaryOf([round([20], [], 5)]);
    const hovers = Object.keys(deeds).filter((name) => name.startsWith('hover'));
    expect(hovers).toEqual(['hover, flow', 'hover, matrix', 'hover, scores', 'hover, weight']);
    for (const deed of hovers) {
      const rows = feelTargets(undefined, [{ deed, tokens: 64, summary }]);
      expect(rows.map(({ what, isMet }) => [what, isMet])).toEqual([
        [`${deed}, 64 tokens, 95% answered within`, false],
        [`${deed}, 64 tokens, longest task`, true],
      ]);
    }
  });

  test('what was not measured has no verdict, and is not missed', () => {
    expect(feelTargets(undefined, [])).toEqual([]);
    const nothing = summaryOf([round([], [60], 5)]);
    const targets = feelTargets(undefined, [
      { deed: 'hover, weight', tokens: 64, summary: nothing },
    ]);
    expect(targets.map(({ isMet }) => isMet)).toEqual([undefined, false]);
    expect(missed(targets)).toEqual([targets[1]]);
  });
});
