// What q8 costs on a trained model: npm run report:q8 -- [MODEL ...]
//
// The texts are the f32 model's own, drawn with fixed seeds, so that they need no corpus and are
// neither easier nor harder than what it has learned. Both models read them; at each position the
// distributions of the next token are compared.
import { load } from '../dist/node.js';
import { below } from './setup/paths.mjs';
import { runProgram } from './setup/failure.mjs';
import { tableOf } from './bench/report/table.mjs';

const texts = 16;

/** Log-probabilities of each row, in double. */
function logSoftmax(logits, row, vocabulary) {
  const scores = logits.data.subarray(row * vocabulary, (row + 1) * vocabulary);
  let largest = -Infinity;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - largest);
  const shift = largest + Math.log(sum);
  return Float64Array.from(scores, (score) => score - shift);
}

const argmax = (values) => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

async function writeText(model, seed) {
  const { n_positions, bos_token_id, eos_token_id } = model.config;
  const ids = [bos_token_id ?? eos_token_id];
  const maxTokens = Math.min(n_positions, 256) - 1;
  for await (const { id } of model.generate(ids, { seed, maxTokens, stopAtEnd: false }))
    ids.push(id);
  return ids;
}

async function compare(source) {
  const exact = await load(source, { dtype: 'f32' });
  const rounded = await load(source, { dtype: 'q8' });
  const V = exact.config.vocab_size;
  const totals = { positions: 0, divergence: 0, worst: 0, same: 0, lossExact: 0, lossRounded: 0 };
  for (let seed = 1; seed <= texts; seed += 1) {
    const ids = await writeText(exact, seed);
    const options = { names: [], logits: 'all' };
    const [a, b] = [
      await exact.runWithCache(ids, options),
      await rounded.runWithCache(ids, options),
    ];
    for (let t = 0; t + 1 < ids.length; t += 1) {
      const [p, q] = [logSoftmax(a.logits, t, V), logSoftmax(b.logits, t, V)];
      const divergence = p.reduce((sum, log, i) => sum + Math.exp(log) * (log - q[i]), 0);
      totals.positions += 1;
      totals.divergence += divergence;
      totals.worst = Math.max(totals.worst, divergence);
      totals.same += argmax(p) === argmax(q) ? 1 : 0;
      totals.lossExact -= p[ids[t + 1]];
      totals.lossRounded -= q[ids[t + 1]];
    }
  }
  const bytes = [exact.info.bytes, rounded.info.bytes];
  await Promise.all([exact.dispose(), rounded.dispose()]);
  return { ...totals, bytes };
}

await runProgram(async () => {
  const sources = process.argv.slice(2);
  if (sources.length === 0) sources.push(below('weights/stories'), below('weights/tang'));
  const rows = [];
  for (const source of sources) {
    const { positions, divergence, worst, same, lossExact, lossRounded, bytes } =
      await compare(source);
    const perplexity = (loss) => Math.exp(loss / positions);
    const change = perplexity(lossRounded) / perplexity(lossExact) - 1;
    rows.push([
      source.split('/').at(-1),
      String(positions),
      perplexity(lossExact).toFixed(3),
      perplexity(lossRounded).toFixed(3),
      `${(100 * change).toFixed(2)}%`,
      (divergence / positions).toExponential(1),
      worst.toExponential(1),
      `${((100 * same) / positions).toFixed(1)}%`,
      `${((100 * bytes[1]) / bytes[0]).toFixed(0)}%`,
    ]);
  }
  const head = [
    'model',
    'positions',
    'perplexity f32',
    'q8',
    'change',
    'KL mean',
    'KL worst',
    'same top-1',
    'memory',
  ];
  console.log(tableOf(head, rows));
});
