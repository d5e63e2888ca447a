// The two ways into Glassformer, behind the one interface that the checks use.
//
// TestedModel:
//   encode(text): Promise<number[]>            decode(ids): Promise<string>
//   run(ids, {names, edits}): Promise<Map<string, {dims: number[], data: Float32Array}>>
//   generate(prompt, count): Promise<number[]> greedy: the new ids only
//   weight(name): Promise<{dims, data}>        close(): Promise<void>
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafetensorsFile } from './safetensors.mjs';

/** The package under Node; `load` is its entry point. */
export async function packageModel(load, folder) {
  const model = await load(folder);
  return {
    encode: async (text) => model.tokenizer.encode(text),
    decode: async (ids) => model.tokenizer.decode(ids),
    run: async (ids, { names, edits = [] }) => {
      const { cache } = await model.runWithCache(ids, { names, edits });
      return new Map(cache);
    },
    generate: async (prompt, count) => {
      const ids = [];
      const options = { maxTokens: count, temperature: 0, stopAtEnd: false };
      for await (const step of model.generate(prompt, options)) ids.push(step.id);
      return ids;
    },
    weight: (name) => model.weight(name),
    close: () => model.dispose(),
  };
}

/** The native command line; `program` is its path. */
export async function commandLineModel(program, folder) {
  const work = await mkdtemp(join(tmpdir(), 'glassformer-gpt2-'));
  const weights = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  const encode = async (text) => JSON.parse(await run(program, ['tokenize', folder], text));
  return {
    encode,
    decode: (ids) => run(program, ['detokenize', folder], JSON.stringify(ids)),
    run: async (ids, { names, edits = [] }) => {
      const out = join(work, 'trace.safetensors');
      const argv = ['trace', folder, '--tokens', ids.join(), '--names', names.join(), '--out', out];
      if (edits.length > 0) {
        const file = join(work, 'edits.json');
        const plain = edits.map((edit) => ({ ...edit, value: Array.from(edit.value) }));
        await writeFile(file, JSON.stringify(plain));
        argv.push('--edits', file);
      }
      await run(program, argv);
      const trace = await SafetensorsFile.open(out);
      const tensors = new Map();
      for (const name of trace.names()) tensors.set(name, await trace.tensor(name));
      await trace.close();
      return tensors;
    },
    generate: async (prompt, count) => {
      const argv = ['generate', folder, '--prompt', prompt, '--max-tokens', String(count)];
      const { tokens } = JSON.parse(await run(program, [...argv, '--temperature', '0', '--json']));
      return tokens.map(({ id }) => id);
    },
    weight: (name) => weights.tensor(name),
    close: async () => {
      await weights.close();
      await rm(work, { recursive: true });
    },
  };
}

function run(program, argv, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv);
    const out = [];
    let err = '';
    child.stdout.on('data', (bytes) => out.push(bytes));
    child.stderr.on('data', (text) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString('utf8'));
      else reject(new Error(`${argv[0]} exited with ${code}: ${err.trim()}`));
    });
    child.stdin.on('error', () => {}); // A program that needs no input may be gone already.
    child.stdin.end(input);
  });
}
