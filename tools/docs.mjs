// npm run docs [-- --check]: the pages of bindings/docs that are made from the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { activationsPage } from './docs/activations.mjs';
import { referencePage } from './docs/reference.mjs';
import { Failure, runProgram } from './setup/failure.mjs';
import { below } from './setup/paths.mjs';
import { buildPackage } from './steps/product.mjs';

async function pages() {
  await buildPackage();
  const { load } = await import(pathToFileURL(below('dist/node.js')));
  const model = await load(below('weights/stories'));
  // What was captured answers to its short names too.
  const { cache } = await model.runWithCache([0], { names: ['*', '*hook_result'] });
  const fullName = (short) => (cache.has(short) ? cache.get(short).name : '');
  const activations = activationsPage(model.activations, fullName);
  await model.dispose();
  return { 'activations.md': activations, 'api.md': await referencePage() };
}

await runProgram(async () => {
  const check = process.argv.includes('--check');
  const options = await prettier.resolveConfig(below('package.json'));
  for (const [name, text] of Object.entries(await pages())) {
    const file = below(`bindings/docs/${name}`);
    const page = await prettier.format(text, { ...options, parser: 'markdown' });
    if (!check) writeFileSync(file, page);
    else if (readFileSync(file, 'utf8') !== page) {
      throw new Failure(`bindings/docs/${name} is not what the code says: run \`npm run docs\`.`);
    }
  }
});
