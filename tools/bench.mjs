// npm run bench: Glassformer and its peers in one Chromium. npm run bench -- --help
import { bootstrap } from './bootstrap.mjs';
import { runProgram } from './setup/failure.mjs';

await runProgram(async () => {
  await bootstrap();
  const { bench } = await import('./bench/bench.mjs');
  await bench(process.argv.slice(2));
});
