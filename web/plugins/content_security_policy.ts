import type { Plugin } from 'vite';

/**
 * What the published page may load: its own files, compiled WebAssembly, and models from any host
 * that a person names. Only data may come from there, and only over TLS: no script, style or
 * picture. A host that sets the header itself may be stricter, not wider.
 */
const policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'", 'https:'],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
};

/** Writes the policy into the built page; the development server needs inline scripts of its own. */
export function contentSecurityPolicy(): Plugin {
  const content = Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources.join(' ')}`)
    .join('; ');
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content },
        injectTo: 'head-prepend',
      },
    ],
  };
}
