// What Glassformer aims at, and how far it is. Every ratio is taken within one round.
import { idOf } from '../run/rounds.mjs';
import { row } from './target_row.mjs';

const ours = (dtype, threads = 1) => idOf(`ours-${dtype}`, threads);
const explainer = (threads = 1) => idOf('ort-attention', threads);
const decodingPeers = ['ort-f32', 'ort-q8', 'wllama'];

/** Multiply-adds of a forward pass: two operations for each weight of a block's matrices and token. */
function passOperations({ n_layer, n_embd: C, n_inner, vocab_size: V }, tokens) {
  const perBlock = 4 * C * C + 2 * C * (n_inner ?? 4 * C);
  return 2 * (tokens * n_layer * perBlock + C * V);
}

const times = (ratio) => ratio && `${ratio.toFixed(2)} times`;
const percent = (part) => part && `${(100 * part).toFixed(0)}%`;
const kilobytes = (bytes) => bytes && `${(bytes / 1000).toFixed(0)} kB`;

function traceRows(rounds) {
  const rows = [];
  for (const [dtype, atLeast] of [
    ['f32', 1.5],
    ['q8', 3],
  ]) {
    for (const length of [6, 64]) {
      const slow = { id: explainer(), key: `trace ${length}` };
      const as = (key) => rounds.ratio(slow, { id: ours(dtype), key: `${key} ${length}` })?.median;
      const what = (kind) =>
        `${dtype}, ${kind}, ${length} tokens, as fast as Transformer Explainer's graph`;
      rows.push(row(what('attention traced'), { value: as('trace'), atLeast, show: times }));
      rows.push(row(what('everything traced'), { value: as('traceAll'), atLeast, show: times }));
    }
  }
  return rows;
}

/** Against whichever peer is the fastest at the same thread count, unless all are skipped. */
function decodeRow(rounds, threads) {
  const fast = { id: ours('q8', threads), key: 'decode' };
  const ratios = decodingPeers
    .map((name) => rounds.ratio({ id: idOf(name, threads), key: 'decode' }, fast)?.median)
    .filter((ratio) => ratio !== undefined);
  const value = ratios.length > 0 ? Math.min(...ratios) : undefined;
  const what = `q8 decode, ${threads} thread(s), as fast as the fastest peer`;
  return row(what, { value, atLeast: 3, show: times });
}

function limitRows(rounds, config) {
  const peak = rounds.value(
    'peaks',
    ({ facts }) => facts && Math.max(facts.multiplyAddGflops, facts.fusedMultiplyAddGflops ?? 0),
  )?.median;
  const bandwidth = rounds.value('peaks', ({ facts }) => facts?.streamingReadGBs)?.median;
  const pass = rounds.time(ours('f32'), 'prefill 64')?.median;
  const token = rounds.time(ours('q8'), 'decode')?.median;
  const bytes = rounds.value(ours('q8'), ({ facts }) => facts?.bytes)?.median;
  return [
    row('f32 pass of 64 tokens, all that it does, of the multiply-add peak', {
      value: pass && peak && passOperations(config, 64) / (pass * 1e6) / peak,
      atLeast: 0.8,
      show: percent,
    }),
    row('q8 decode, weights read a second, of the streaming bandwidth', {
      value: token && bytes && bandwidth && bytes / (token * 1e6) / bandwidth,
      atLeast: 0.6,
      show: percent,
    }),
  ];
}

/** What a page holds beyond an empty one. */
export function pageMemory(rounds, id) {
  const empty = rounds.value('empty', ({ memory }) => memory?.resident)?.median ?? 0;
  const full = rounds.value(id, ({ memory }) => memory?.resident)?.median;
  return full && full - empty;
}

function memoryRow(rounds) {
  const [mine, theirs] = [ours('q8'), explainer()].map((id) => pageMemory(rounds, id));
  const what = "q8 memory after tracing 64 tokens, of Transformer Explainer's graph's";
  return row(what, { value: mine && theirs && mine / theirs, atMost: 0.1, show: percent });
}

function threadRows(rounds) {
  const speedup = (dtype, key) =>
    rounds.ratio({ id: ours(dtype, 1), key }, { id: ours(dtype, 2), key })?.median;
  return [
    ['f32 prefill of 64 tokens, two threads as fast as one', speedup('f32', 'prefill 64'), 1.6],
    ['q8 prefill of 64 tokens, two threads as fast as one', speedup('q8', 'prefill 64'), 1.6],
    ['q8 decode, two threads as fast as one', speedup('q8', 'decode'), 1.4],
  ].map(([what, value, atLeast]) => row(what, { value, atLeast, show: times }));
}

/** All rows, in the order of the targets. `coldStart` in milliseconds, where the page is built. */
export function targetRows(rounds, { config, sizes, coldStart, threads }) {
  return [
    ...traceRows(rounds),
    ...threads.map((count) => decodeRow(rounds, count)),
    ...limitRows(rounds, config),
    memoryRow(rounds),
    ...(threads.includes(1) && threads.includes(2) ? threadRows(rounds) : []),
    row('wasm, gzip', { value: sizes.wasm, atMost: 250_000, show: kilobytes }),
    row('JavaScript of the package, gzip', {
      value: sizes.scripts,
      atMost: 60_000,
      show: kilobytes,
    }),
    row('page without a model, gzip', { value: sizes.page, atMost: 300_000, show: kilobytes }),
    row('embedded model, cold start to the first prediction', {
      value: coldStart,
      atMost: 500,
      show: (ms) => `${ms.toFixed(0)} ms`,
    }),
  ];
}
