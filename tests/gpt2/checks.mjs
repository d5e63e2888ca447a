// Recorded outputs of a model -> checks that a TestedModel (models.mjs) passes or fails.
//
// recorded.json was collected from other projects' tests, and each entry keeps its own form; what an
// entry means is stated at the function that reads it. An entry that no function understands is an
// error, so that none is passed over in silence.
import { argmax, assertClose, mean, meanLoss, RELATIVE_TOLERANCE, row } from './numbers.mjs';
import { intermediateChecks } from './intermediates.mjs';

// Two logits closer than this may come out in either order: rounding of f32 sums, and of half
// precision, whose neighbours are 0.0625 apart between 64 and 128, where GPT-2's logits are.
const TIE_F32 = 1e-3;
const TIE_F16 = 0.125;

/**
 * @typedef {{name: string, skip: string | null, check: (model: object) => Promise<void>}} Check
 *   skip: the reason why the entry cannot be checked
 */

/** @returns {Check[]} */
export function checksOf(recorded) {
  const kinds = {
    greedy: (entries) => entries.map(greedyCheck),
    beam2: (entries) => entries.map(beamCheck),
    logits: (entries) => entries.map(logitsCheck),
    intermediates: intermediateChecks,
    losses: (entries) => entries.map(lossCheck),
  };
  return Object.entries(recorded)
    .filter(([kind]) => kind !== 'note')
    .flatMap(([kind, entries]) => {
      if (!kinds[kind]) throw new Error(`recorded ${kind} are not understood`);
      return kinds[kind](entries);
    });
}

/**
 * ids: prompt and greedy continuation together. prompt_ids and text (of all ids) may be there too.
 * Each recorded token must have the largest logit given the recorded ones before it; where another
 * is as good as equal, the continuation by generate is compared only up to that place.
 */
function greedyCheck({ src, prompt, prompt_ids: promptIds, ids, text }) {
  const tie = /fp16/.test(src) ? TIE_F16 : TIE_F32;
  const check = async (model) => {
    const encoded = await model.encode(prompt);
    assertSame('the ids of the prompt', encoded, promptIds ?? ids.slice(0, encoded.length));
    assertSame('the first ids', ids.slice(0, encoded.length), encoded);
    if (text !== undefined) assertSame('the text of the ids', await model.decode(ids), text);

    const logits = (await model.run(ids, { names: ['logits'] })).get('logits');
    let decided = ids.length;
    for (let i = encoded.length; i < ids.length; i += 1) {
      const scores = row(logits, i - 1);
      const best = argmax(scores);
      if (best === ids[i]) continue;
      const gap = scores[best] - scores[ids[i]];
      if (!(gap <= tie)) {
        throw new Error(`after ${i} tokens: ${best}, not ${ids[i]} (logits ${gap} apart)`);
      }
      decided = Math.min(decided, i);
    }
    const expected = ids.slice(encoded.length, decided);
    const generated = await model.generate(prompt, ids.length - encoded.length);
    assertSame('the generated ids', generated.slice(0, expected.length), expected);
  };
  return { name: `greedy: ${prompt} (${src})`, skip: null, check };
}

function beamCheck({ src, prompt }) {
  const skip = 'beam search is no part of Glassformer';
  return { name: `beam search: ${prompt} (${src})`, skip, check: async () => {} };
}

/**
 * Of one pass over `ids`, any of: `value` at [position, vocab_index]; "mean_over_[T,V]" of all
 * logits; "logits_posP[:n]", the first n logits at position P; `argmax` at every position.
 */
function logitsCheck(entry) {
  const { src, ids, position, vocab_index: columns, value, ...others } = entry;
  const parts = [];
  if (value) {
    parts.push((logits) => {
      const scores = row(logits, position);
      close(
        `logits at position ${position}`,
        columns.map((column) => scores[column]),
        value,
      );
    });
  }
  for (const [key, stated] of Object.entries(others)) {
    const first = key.match(/^logits_pos(\d+)\[:(\d+)\]$/);
    const whole = key.match(/^mean_over_\[(\d+),(\d+)\]$/);
    if (first) {
      const [at, count] = first.slice(1).map(Number);
      parts.push((logits) => close(key, Array.from(row(logits, at).subarray(0, count)), stated));
    } else if (whole) {
      parts.push((logits) => {
        assertSame('the shape of the logits', logits.dims, whole.slice(1).map(Number));
        close('the mean of all logits', [mean(logits.data)], [stated]);
      });
    } else if (key === 'argmax') {
      parts.push((logits) => {
        assertSame(
          'the argmax at each position',
          ids.map((_, i) => argmax(row(logits, i))),
          stated,
        );
      });
    } else {
      throw new Error(`recorded logits: ${key} is not understood`);
    }
  }
  if (parts.length === 0) throw new Error('recorded logits: an entry that states nothing');
  const check = async (model) => {
    const logits = (await model.run(ids, { names: ['logits'] })).get('logits');
    for (const part of parts) part(logits);
  };
  return { name: `logits of [${ids}] (${src})`, skip: null, check };
}

/**
 * Mean negative log-likelihood (nats a token), within `tol`, of either
 *   ids_with_bos: each token but the first, given those before it; `text` is the ids but the first;
 *   x_ids_N and y_ids_N: B rows of T tokens ("B=..,T=.." in src), each row a context of its own, and
 *   for each position the token to predict.
 */
function lossCheck(entry) {
  const { src, text, ids_with_bos: ids, mean_nll: expected, tol } = entry;
  const inputs = Object.keys(entry).find((key) => /^x_ids_\d+$/.test(key));
  if (!ids && !inputs) throw new Error('recorded losses: an entry without ids');
  const rows = ids
    ? [{ x: ids.slice(0, -1), y: ids.slice(1) }]
    : rowsOf(entry[inputs], entry[inputs.replace('x_', 'y_')], src);
  const check = async (model) => {
    if (ids && text !== undefined) {
      assertSame('the ids of the text', await model.encode(text), ids.slice(1));
    }
    const losses = [];
    for (const { x, y } of rows) {
      const logits = (await model.run(x, { names: ['logits'] })).get('logits');
      losses.push(meanLoss(logits, y));
    }
    assertClose('the mean loss', [mean(losses)], [expected], tol);
  };
  return { name: `loss ${expected} (${src})`, skip: null, check };
}

function rowsOf(x, y, src) {
  const shape = src.match(/B=(\d+),T=(\d+)/);
  const [batch, tokens] = shape ? shape.slice(1).map(Number) : [0, 0];
  if (batch * tokens !== x.length || y?.length !== x.length) {
    throw new Error(`recorded losses: ${x.length} ids do not fit B=${batch}, T=${tokens}`);
  }
  const part = (ids, b) => ids.slice(b * tokens, (b + 1) * tokens);
  return Array.from({ length: batch }, (_, b) => ({ x: part(x, b), y: part(y, b) }));
}

function close(what, actual, expected) {
  const largest = Math.max(...expected.map(Math.abs));
  assertClose(what, actual, expected, RELATIVE_TOLERANCE * largest);
}

function assertSame(what, actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
}
