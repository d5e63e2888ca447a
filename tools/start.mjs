// npm start: installs what is missing, builds what has changed, serves the page.
//   npm start -- [--port 8080] [--host 127.0.0.1]
import { bootstrap } from './bootstrap.mjs';
import { runProgram } from './setup/failure.mjs';
import { optionsFrom } from './setup/options.mjs';

await runProgram(async () => {
  const values = optionsFrom('npm start -- [--port N] [--host NAME]', {
    port: { type: 'string' },
    host: { type: 'string' },
  });
  await bootstrap();
  // These need npm packages, which are there only now.
  const { buildPage } = await import('./steps/product.mjs');
  const { serve } = await import('./serve.mjs');
  await buildPage();
  const { url } = await serve(values);
  console.log(`\nGlassformer is at ${url} (Ctrl-C stops it)`);
});
