// llama.cpp, through wllama, on the CPU.
import { LoggerWithoutDebug, Wllama } from '/peers/@wllama/wllama/esm/index.js';

export async function start({ threads, gguf, config }) {
  const wasm = new URL('/peers/@wllama/wllama/esm/wasm/wllama.wasm', location).href;
  const wllama = new Wllama(
    { default: wasm },
    { logger: LoggerWithoutDebug, suppressNativeLog: true },
  );
  const file = await (await fetch(gguf)).blob();
  await wllama.loadModel([file], {
    n_ctx: config.n_positions,
    n_batch: config.n_positions,
    n_threads: threads,
    n_gpu_layers: 0,
    n_parallel: 1,
  });
  const greedy = {
    temperature: 0,
    top_k: 1,
    ignore_eos: true,
    // Every run computes the whole prompt.
    cache_prompt: false,
  };
  const complete = (prompt, options) =>
    wllama.createCompletion({ prompt: prompt.text, ...greedy, ...options });
  return {
    facts: { name: 'wllama', threads: wllama.getNumThreads() },
    works: {
      prefill: async (prompt) => {
        await complete(prompt, { max_tokens: 1 });
      },
      decode: async (prompt, { tokens }) => {
        const stream = await complete(prompt, { max_tokens: tokens, stream: true });
        const times = [];
        for await (const { choices } of stream) {
          if (choices.length > 0) times.push(performance.now());
        }
        return (times.at(-1) - times[0]) / (tokens - 1);
      },
    },
    check: async (prompt) => complete(prompt, { max_tokens: 1, logprobs: 20 }),
  };
}
