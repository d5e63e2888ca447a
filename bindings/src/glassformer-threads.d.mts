// The same for the kinds with threads.
export { default } from './glassformer.mjs';
