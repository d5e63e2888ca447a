// npm start: installs what is missing, builds what has changed, serves the page.
//   npm start -- [--port 8080] [--host 127.0.0.1]
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { Failure, runProgram } from './setup/failure.mjs';

function optionsFrom(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Failure(`npm start -- [--port N] [--host NAME]: ${error.message}`);
  }
}

await runProgram(async () => {
  const values = optionsFrom({ port: { type: 'string' }, host: { type: 'string' } });
  await bootstrap();
  // These need npm packages, which are there only now.
  const { buildPage } = await import('./steps/product.mjs');
  const { serve } = await import('./serve.mjs');
  await buildPage();
  const { url } = await serve(values);
  console.log(`\nGlassformer is at ${url} (Ctrl-C stops it)`);
});
