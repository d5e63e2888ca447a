// A graph with a KV cache on onnxruntime-web, used as transformers.js does on its CPU backend: what a
// step returns is what the next one gets.
import { createSession, facts, floatTensor, idsTensor } from './ort_session.mjs';

function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}

export async function start({ threads, graph, config }) {
  const session = await createSession(graph, threads);
  const pastNames = session.inputNames.filter((name) => name.startsWith('past_key_values.'));
  const dims = [1, config.n_head, 0, config.n_embd / config.n_head];
  const nothing = Object.fromEntries(
    pastNames.map((name) => [name, floatTensor(new Float32Array(0), dims)]),
  );
  const step = async (ids, past) => {
    const results = await session.run({ input_ids: idsTensor(ids), ...past });
    const next = pastNames.map((name) => [
      name,
      results[name.replace('past_key_values', 'present')],
    ]);
    return { logits: results.logits.data, past: Object.fromEntries(next) };
  };
  return {
    facts: facts(threads),
    works: {
      prefill: async ({ ids }) => {
        await step(ids, nothing);
      },
      decode: async ({ ids }, { tokens }) => {
        let { logits, past } = await step(ids, nothing);
        let token = argmax(logits);
        const begin = performance.now();
        for (let i = 1; i < tokens; i += 1) {
          ({ logits, past } = await step([token], past));
          token = argmax(logits);
        }
        return (performance.now() - begin) / (tokens - 1);
      },
    },
    check: async ({ ids }) => ({ logits: Array.from((await step(ids, nothing)).logits) }),
  };
}
