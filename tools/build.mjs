// npm run build: installs what is missing and builds the page, like npm start, without serving it.
import { bootstrap } from './bootstrap.mjs';
import { runProgram } from './setup/failure.mjs';

await runProgram(async () => {
  await bootstrap();
  const { buildPage } = await import('./steps/product.mjs');
  await buildPage();
  console.log('The page is in build/web.');
});
