// --list: the embedded and the downloadable models, and which of them are here.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from './units.mjs';

export async function listModels(manifest, weightsFolder) {
  const lines = [];
  for (const model of [...manifest.embedded, ...manifest.downloadable]) {
    const bytes = model.files.every((file) => file.bytes !== null)
      ? formatBytes(model.files.reduce((sum, file) => sum + file.bytes, 0))
      : 'size unknown';
    const million = `${(model.parameters / 1e6).toFixed(1)} M parameters`;
    // The weights come last, so their presence means that the model is whole.
    const weights = join(weightsFolder, model.path, 'model.safetensors');
    const here = await access(weights).then(() => `here: weights/${model.path}`, () => 'not here');
    lines.push(`${model.id}: ${million}, ${bytes}, ${model.licence}, ${here}`);
  }
  return `${lines.join('\n')}\n`;
}
