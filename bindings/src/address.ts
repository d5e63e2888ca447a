import { GlassformerError, type GlassformerErrorCode } from './errors.ts';
import { platform } from './platform.ts';

const longest = 100;

/** An address that a person wrote; relative ones are relative to the page or working directory. */
export function parseAddress(
  text: string | URL,
  code: GlassformerErrorCode = 'bad-source',
  base: string | URL | undefined = platform.base ??
    globalThis.document?.baseURI ??
    globalThis.location?.href,
): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    const shown = String(text).slice(0, longest);
    throw new GlassformerError(code, `"${shown}" is not a valid address`, { cause });
  }
}

/** The folder at an address, which then ends with a slash. */
export function folderAt(address: URL): URL {
  const folder = new URL(address);
  // Of `data:` and `blob:` addresses nothing can be below.
  if (!folder.pathname.startsWith('/')) {
    const shown = address.href.slice(0, longest);
    throw new GlassformerError('bad-source', `"${shown}" is not the address of a folder`);
  }
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}
