// A graph that returns what Transformer Explainer's does, on the engine that it uses.
import { createSession, facts, idsTensor } from './ort_session.mjs';

export async function start({ threads, graph }) {
  const session = await createSession(graph, threads);
  const run = ({ ids }) => session.run({ input: idsTensor(ids) });
  return {
    facts: facts(threads),
    works: {
      trace: async (prompt) => {
        await run(prompt);
      },
    },
    check: async (prompt) => ({ logits: Array.from((await run(prompt)).linear_output.data) }),
  };
}
