// Glassformer itself, through the package's public interface, in a worker as it does by default.
// A function that is measured by its duration resolves to nothing; decode to milliseconds a token.
import { load } from '/dist/index.js';

/** What Transformer Explainer's graph returns, as far as it is not the same numbers twice. */
const attention = ['blocks.*.attn.hook_attn_scores', 'blocks.*.attn.hook_pattern'];

export async function start({ dtype, threads, model: address }) {
  const model = await load(new URL(address, location), { dtype, threads, cache: false });
  const run = async (ids, names) => {
    await model.runWithCache(ids, { names, logits: 'last' });
  };
  return {
    facts: model.info,
    works: {
      trace: ({ ids }) => run(ids, attention),
      traceAll: ({ ids }) => run(ids, undefined),
      prefill: ({ ids }) => run(ids, []),
      decode: async ({ ids }, { tokens }) => {
        const times = [];
        const options = { temperature: 0, maxTokens: tokens, stopAtEnd: false, candidates: 0 };
        for await (const { position } of model.generate(ids, options)) {
          times.push({ position, at: performance.now() });
        }
        const [first, last] = [times[0], times.at(-1)];
        return (last.at - first.at) / (last.position - first.position);
      },
    },
    check: async ({ ids }) => {
      const { logits } = await model.runWithCache(ids, { names: [], logits: 'last' });
      return { logits: Array.from(logits.data) };
    },
  };
}
