import { describe, expect, test } from 'vitest';
import { optionsOf } from '../../tools/bench/options.mjs';
import { measured } from '../../tools/bench/pages/timing.mjs';
import { barChart } from '../../tools/bench/report/bar_chart.mjs';
import { lineChart, logarithmic } from '../../tools/bench/report/line_chart.mjs';
import { median, Rounds, summary } from '../../tools/bench/report/statistics.mjs';
import { interferenceLines, perSecond } from '../../tools/bench/report/summary_tables.mjs';
import { spread, tableOf } from '../../tools/bench/report/table.mjs';
import { targetRows } from '../../tools/bench/report/targets.mjs';
import { availableFrom, lackOfMemory } from '../../tools/bench/run/available_memory.mjs';
import { checksOf, differenceFrom } from '../../tools/bench/run/check.mjs';
import { ticksFrom } from '../../tools/bench/run/interference.mjs';
import { memoryFrom } from '../../tools/bench/run/process_memory.mjs';

/** Throws unless every element of `svg` is closed in order and every attribute quoted. */
function assertWellFormed(svg) {
  const open = [];
  const tag = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<>&]*(?:&[a-z]+;[^"<>&]*)*")*)(\/?)>/g;
  const text = svg.replace(tag, (_all, closes, name, _attributes, isEmpty) => {
    if (closes) expect(open.pop()).toBe(name);
    else if (!isEmpty) open.push(name);
    return '';
  });
  expect(open).toEqual([]);
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
}

describe('statistics', () => {
  test('the median is the middle number, or lies between the middle two', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  test('a summary has the extremes, and is nothing for nothing', () => {
    expect(summary([2, 9, 4])).toEqual({ median: 4, min: 2, max: 9 });
    expect(summary([])).toBeUndefined();
  });

  test('ratios are taken within each round, so a machine that drifts does not matter', () => {
    const rounds = new Rounds([
      { slow: { times: { work: [20] } }, fast: { times: { work: [10] } } },
      { slow: { times: { work: [60] } }, fast: { times: { work: [30] } } },
      { slow: { times: { work: [90] } }, fast: { skipped: 'crashed' } },
    ]);
    const of = (id) => ({ id, key: 'work' });
    expect(rounds.ratio(of('slow'), of('fast'))).toEqual({ median: 2, min: 2, max: 2 });
    expect(rounds.ratio(of('slow'), of('absent'))).toBeUndefined();
    expect(rounds.time('slow', 'work')).toEqual({ median: 60, min: 20, max: 90 });
    expect(rounds.skipped('fast')).toBe('crashed');
  });

  test('the longest time is the lowest speed', () => {
    expect(perSecond({ median: 20, min: 10, max: 50 })).toEqual({ median: 50, min: 20, max: 100 });
  });
});

describe('measured', () => {
  test('leaves out the runs that warm up, and numbers all of them', async () => {
    const runs = [];
    const work = async (run) => {
      runs.push(run);
      return 100 + run;
    };
    expect(await measured(work, { warmRuns: 2, warmMs: 0, runs: 3 })).toEqual([102, 103, 104]);
    expect(runs).toEqual([0, 1, 2, 3, 4]);
  });

  test('begins no further run once the time is up', async () => {
    const slow = () => new Promise((resolve) => setTimeout(() => resolve(7), 20));
    expect(await measured(slow, { warmRuns: 0, warmMs: 0, runs: 50, maxMs: 10 })).toEqual([7]);
  });
});

describe('tables', () => {
  test('columns are as wide as their widest cell', () => {
    const lines = tableOf(['a', 'bb'], [['long', '1']]).split('\n');
    expect(lines).toEqual(['a     bb', '----  --', 'long   1']);
  });

  test('a spread shows three digits, or a dash', () => {
    expect(spread({ median: 12.34, min: 9.876, max: 123.4 })).toBe('12.3 (9.88-123)');
    expect(spread(undefined)).toBe('-');
  });
});

describe('targets', () => {
  const config = { n_layer: 12, n_embd: 768, n_inner: null, vocab_size: 50257 };
  const sizes = { wasm: 200_000, scripts: 70_000, page: undefined };
  const rounds = new Rounds([
    {
      'ours-f32@1': { times: { 'trace 6': [10], 'traceAll 6': [25] } },
      'ort-attention@1': { times: { 'trace 6': [20] } },
      'ours-q8@1': { times: { decode: [10] } },
      'ort-q8@1': { times: { decode: [25] } },
      'ort-f32@1': { times: { decode: [24] } },
    },
  ]);
  const rows = targetRows(rounds, { config, sizes, threads: [1] });
  const rowOf = (what) => rows.find((row) => row.what.includes(what));

  test('are met, not met, or not measured', () => {
    expect(rowOf('f32, attention traced, 6')).toMatchObject({ reached: '2.00 times', isMet: true });
    expect(rowOf('f32, everything traced, 6')).toMatchObject({ value: 0.8, isMet: false });
    expect(rowOf('f32, attention traced, 64').isMet).toBeUndefined();
    expect(rowOf('wasm')).toMatchObject({ reached: '200 kB', isMet: true });
    expect(rowOf('JavaScript')).toMatchObject({ isMet: false });
    expect(rowOf('page without').isMet).toBeUndefined();
  });

  test('decode is compared with the fastest peer', () => {
    expect(rowOf('decode, 1')).toMatchObject({ value: 2.4, isMet: false });
  });
});

describe('checks', () => {
  test('the difference is that of the worst logit, and NaN is never small', () => {
    expect(differenceFrom([1, 2, 3], { logits: [1, 2.5, 3.25] })).toBe(0.5);
    expect(differenceFrom([1, 2, 3], { logits: [1, NaN, 3] })).toBeNaN();
  });

  test('listed log-probabilities are compared with the softmax of the logits', () => {
    const top_logprobs = [{ id: 1, logprob: Math.log(0.75) }];
    const check = { choices: [{ logprobs: { content: [{ top_logprobs }] } }] };
    expect(differenceFrom([0, Math.log(3)], check)).toBeCloseTo(0, 12);
  });

  test('a peer that computes something else is said to', () => {
    const results = {
      'ours-f32@1': { check: { logits: [1, 2] } },
      'ort-f32@1': { check: { logits: [1, 2.5] } },
      'ort-q8@1': { check: { logits: [1, 2.01] } },
    };
    const checks = checksOf(results);
    expect(checks['ort-f32@1'].agrees).toBe(false);
    expect(checks['ort-q8@1'].agrees).toBe(true);
    expect(results['ort-q8@1']).toEqual({});
  });
});

describe('memory', () => {
  test('of a process leaves out the files that it maps', () => {
    const status = 'VmHWM:\t  900 kB\nRssAnon:\t  100 kB\nRssFile:\t  50 kB\nRssShmem:\t  20 kB\n';
    expect(memoryFrom(status)).toEqual({ resident: 120 * 1024, peak: 900 * 1024 });
    expect(memoryFrom('')).toEqual({ resident: 0, peak: 0 });
  });

  test('that is lacking is told with numbers', () => {
    expect(availableFrom('MemTotal: 9 kB\nMemAvailable:    2000000 kB\n')).toBe(2048000000);
    expect(availableFrom('MemFree: 9 kB')).toBeUndefined();
    expect(lackOfMemory({ gigabytes: 3 }, 2.5e9)).toContain('needs about 3 GB');
    expect(lackOfMemory({ gigabytes: 3 }, 3.5e9)).toBeUndefined();
  });
});

describe('interference', () => {
  test('ticks are busy unless idle or waiting; guests are not counted twice', () => {
    const stat = 'cpu  10 1 5 80 4 2 1 3 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
    expect(ticksFrom(stat)).toEqual({ busy: 22, total: 106 });
  });

  test('is told where there was any', () => {
    const results = (share) => [{ a: { othersBefore: share }, b: { skipped: 'no memory' } }];
    expect(interferenceLines(results(0.02))).toEqual([]);
    expect(interferenceLines(results(0.55))[0]).toContain('up to 55% of all cores');
  });
});

describe('options', () => {
  test('without any, everything is measured in three rounds', () => {
    const { contestants, threads, rounds, lengths, quick } = optionsOf([]);
    expect(contestants).toHaveLength(6);
    expect({ threads, rounds, quick }).toEqual({ threads: [1, 2], rounds: 3, quick: false });
    expect(lengths.at(-1)).toBe(1024);
  });

  test('a first part chooses several contestants, and lengths are sorted', () => {
    const { contestants, lengths } = optionsOf(['--only', 'wllama,ours', '--lengths', '64,16']);
    expect(contestants.map(({ name }) => name)).toEqual(['ours-f32', 'ours-q8', 'wllama']);
    expect(lengths).toEqual([16, 64]);
    expect(optionsOf(['--lengths', '0']).lengths).toEqual([]);
  });

  test.each([
    [['--only', 'ort-f64'], '"ort-f64"'],
    [['--runs', '0'], '--runs'],
    [['--lengths', '16,2000'], '"2000"'],
    [['--threads', 'two'], '"two"'],
    [['--fast'], '--fast'],
  ])('%j is refused, naming it', (args, named) => {
    expect(() => optionsOf(args)).toThrow(named);
  });
});

describe('charts', () => {
  const bar = (name, value) => ({
    name,
    label: `<${name}> & "co"`,
    values: { median: value, min: value / 2, max: value * 2 },
    show: (number) => `${number} ms`,
  });

  test('bars are well-formed, and as long as their values', () => {
    const svg = barChart('Speed & size', [
      { title: 'A', bars: [bar('ours-f32', 10), bar('wllama', 5)] },
      { title: 'Nobody', bars: [] },
    ]);
    assertWellFormed(svg);
    const widths = [...svg.matchAll(/<rect class="[^"]+"[^>]* width="([\d.]+)"/g)].map(
      ([, w]) => +w,
    );
    expect(widths[0]).toBeCloseTo(2 * widths[1], 6);
    expect(svg).not.toContain('Nobody');
  });

  test('lines are well-formed; one without points is left out', () => {
    const points = [16, 1024].map((length) => ({ length, ms: 3 * length }));
    const line = (name, own) => ({ name, label: name, points: own });
    const svg = lineChart('Cost', [
      { title: 'A', lines: [line('ours-q8', points), line('wllama', [])] },
    ]);
    assertWellFormed(svg);
    expect(svg).toContain('class="line ours-q8"');
    expect(svg).not.toContain('class="line wllama"');
    expect(lineChart('Cost', [{ title: 'A', lines: [line('wllama', [])] }])).toBeUndefined();
  });

  test('a single point makes no broken chart', () => {
    const lines = [{ name: 'ours-q8', label: 'q8', points: [{ length: 16, ms: 10 }] }];
    assertWellFormed(lineChart('Cost', [{ title: 'A', lines }]));
  });

  test('a logarithmic scale gives equal steps for equal factors', () => {
    const scale = logarithmic(10, 1000, 0, 100);
    expect(scale(100)).toBeCloseTo(50, 12);
    expect(scale(1000)).toBeCloseTo(100, 12);
  });
});
