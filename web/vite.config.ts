import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './plugins/content_security_policy.ts';
import { embeddedModels } from './plugins/embedded_models.ts';
import { firstChunks } from './plugins/first_chunks.ts';
import { offline } from './plugins/offline.ts';

const first = firstChunks();

/** The component that a class keeps the styles of. */
const classes = new Map<string, string>();

/** Four letters and digits tell seventy components apart; Svelte's own classes are thrice as long. */
function cssHash({ filename, hash }: { filename: string; hash: (text: string) => string }): string {
  const component = filename.replace(/^.*\/src\//, '');
  const name = `g${hash(component).slice(0, 4)}`;
  if ((classes.get(name) ?? component) !== component) {
    throw new Error(`${component} and ${classes.get(name)} have the same class, ${name}.`);
  }
  classes.set(name, component);
  return name;
}

export default defineConfig({
  // Addresses are relative, so that the page can be published under any path.
  base: './',
  plugins: [
    svelte({ compilerOptions: { cssHash, discloseVersion: false } }),
    embeddedModels(),
    contentSecurityPolicy(),
    offline(),
    first.plugin,
  ],
  resolve: {
    alias: { glassformer: new URL('../dist/index.js', import.meta.url).pathname },
  },
  // The package and the manifest of the models lie beside web/.
  server: { fs: { allow: ['..'] } },
  worker: {
    format: 'es',
    // As in the page's own code: the module's script, which both fetch, is then one file.
    rolldownOptions: { output: { comments: { annotation: false, jsdoc: false, legal: false } } },
  },
  build: {
    // Parts that come later are small, and come when they are asked for.
    modulePreload: false,
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    // A file inlined as data: would need a wider content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: first.groups } } },
  },
});
