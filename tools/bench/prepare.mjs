// Makes what a benchmark needs and is not there yet.
import { readFileSync } from 'node:fs';
import { run } from '../setup/command.mjs';
import { below } from '../setup/paths.mjs';
import { buildWithCMake } from '../steps/cmake.mjs';
import { buildPackage } from '../steps/product.mjs';
import { makeIfChanged } from '../steps/stamps.mjs';
import { writeGguf } from './gguf/gpt2_gguf.mjs';
import { Checkpoint } from './model/safetensors.mjs';
import { writeSyntheticModel } from './model/synthetic_model.mjs';
import { gpt2Graph } from './onnx/gpt2_graph.mjs';

const modelFolder = 'build/bench/gpt2-small';
const graphFolder = 'build/bench/peers';

/** Where the pages find everything: folders by the first part of an address. */
export const mounts = {
  pages: below('tools/bench/pages'),
  dist: below('dist'),
  peers: below('tools/bench/node_modules'),
  peaks: below('build/wasm/bin'),
  model: below(modelFolder),
  graphs: below(graphFolder),
  stories: below('weights/stories'),
  page: below('build/web'),
};

const onnx = (options) => (file, checkpoint, config) =>
  gpt2Graph(checkpoint, config, options).write(file);

const writers = {
  'attention.onnx': onnx({ dtype: 'f32', returns: 'attention' }),
  'f32.onnx': onnx({ dtype: 'f32', returns: 'cache' }),
  'q8.onnx': onnx({ dtype: 'q8', returns: 'cache' }),
  'q8_0.gguf': writeGguf,
};

const installPeers = () =>
  makeIfChanged({
    name: 'bench-peers',
    inputs: ['tools/bench/package.json', 'tools/bench/package-lock.json'],
    outputs: ['tools/bench/node_modules'],
    make: () => {
      console.log('Installing the peers into tools/bench/node_modules');
      return run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: below('tools/bench'),
        sentence: 'The peers could not be installed: npm says why above.',
      });
    },
  });

const writeModel = () =>
  makeIfChanged({
    name: 'bench-model',
    inputs: ['tools/bench/model'],
    outputs: [`${modelFolder}/model.safetensors`],
    make: () => {
      console.log('Writing a GPT-2 small with random weights');
      return writeSyntheticModel(below(modelFolder));
    },
  });

export const readConfig = () => JSON.parse(readFileSync(below(modelFolder, 'config.json'), 'utf8'));

const writePeersFile = (name) =>
  makeIfChanged({
    name: `bench-${name}`,
    inputs: ['tools/bench/model', 'tools/bench/onnx', 'tools/bench/gguf'],
    outputs: [`${graphFolder}/${name}`],
    make: async () => {
      console.log(`Writing ${name} from the same weights`);
      const checkpoint = await Checkpoint.open(below(modelFolder, 'model.safetensors'));
      try {
        await writers[name](below(graphFolder, name), checkpoint, readConfig());
      } finally {
        await checkpoint.close();
      }
    },
  });

/** Everything for these contestants. */
export async function prepare({ contestants, build }) {
  await installPeers();
  if (build) await buildPackage();
  for (const target of ['bench_peaks', 'bench_peaks_relaxed']) {
    await buildWithCMake('wasm', { target });
  }
  await writeModel();
  for (const { file } of contestants) if (file) await writePeersFile(file);
}
