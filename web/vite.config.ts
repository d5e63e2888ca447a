import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './plugins/content_security_policy.ts';
import { embeddedModels } from './plugins/embedded_models.ts';
import { offline } from './plugins/offline.ts';

export default defineConfig({
  // Addresses are relative, so that the page can be published under any path.
  base: './',
  plugins: [svelte(), embeddedModels(), contentSecurityPolicy(), offline()],
  resolve: {
    alias: { glassformer: new URL('../dist/index.js', import.meta.url).pathname },
  },
  // The package and the manifest of the models lie beside web/.
  server: { fs: { allow: ['..'] } },
  worker: { format: 'es' },
  build: {
    // The page has one file of code that is loaded later: nothing to preload.
    modulePreload: false,
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    // A file inlined as data: would need a wider content security policy.
    assetsInlineLimit: 0,
  },
});
