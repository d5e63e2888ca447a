/** An environment for what components are made of: Svelte as browsers run it, and no document. */
export default {
  name: 'svelte-client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => {} }),
};
