// glassformer.wasm: found, compiled once for each address, instantiated once for each model.
import { parseAddress } from './address.ts';
import { addressOf, type Artifact, sharesMemory } from './artifact.ts';
import { GlassformerError } from './errors.ts';
import type { CoreModule } from './glassformer.mjs';
import { platform } from './platform.ts';
import type { LoadOptions } from './types.ts';

type Wasm = NonNullable<LoadOptions['wasm']>;

/** Emscripten's script for a kind of the module: bundlers recognise these, and fetch the one in use. */
const scriptFor = async (threads: boolean) =>
  (threads ? await import('./glassformer-threads.mjs') : await import('./glassformer.mjs')).default;

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** The compiled module; the same one for the same address, unless that failed. */
export async function compileWasm(
  artifact: Artifact,
  wasm: Wasm | undefined,
): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) {
    return compileBytes(wasm as BufferSource);
  }
  if (wasm !== undefined && typeof wasm !== 'string' && !(wasm instanceof URL)) {
    throw new GlassformerError('bad-option', 'wasm is an address, bytes or a compiled module');
  }
  const address = wasm === undefined ? addressOf(artifact) : parseAddress(wasm, 'bad-option');
  // It comes along with the module; what is wrong with it is said when it is needed.
  void scriptFor(artifact.threads).catch(() => {});
  let module = compiled.get(address.href);
  if (!module) {
    module = compileAddress(address);
    compiled.set(address.href, module);
    module.catch(() => compiled.delete(address.href));
  }
  return module;
}

export async function instantiate(module: WebAssembly.Module): Promise<CoreModule> {
  const create = await scriptFor(sharesMemory(module)).catch((cause: unknown) => {
    throw new GlassformerError('network', `The module's script did not come: ${reason(cause)}`, {
      cause,
    });
  });
  return new Promise((resolve, reject) => {
    // Without memory to share, Emscripten's script throws before it asks for an instance.
    create({
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(module, imports).then(
          (instance) => done(instance, module),
          (cause: unknown) => reject(unstartable(cause)),
        );
        return {};
      },
    }).then(resolve, (cause: unknown) => reject(unstartable(cause)));
  });
}

async function compileBytes(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw unusable('The bytes given as wasm', cause);
  }
}

async function compileAddress(address: URL): Promise<WebAssembly.Module> {
  if (address.protocol === 'file:' && platform.readFile) {
    const bytes = await platform.readFile(address).catch((cause: unknown) => {
      throw new GlassformerError('io', `${address.href} could not be read: ${reason(cause)}`, {
        cause,
      });
    });
    return compileBytes(bytes);
  }
  let response: Response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw new GlassformerError('network', `${address} could not be reached: ${reason(cause)}`, {
      cause,
    });
  }
  if (!response.ok) {
    throw new GlassformerError('network', `${address} answered ${response.status}`);
  }
  try {
    // Hosts that do not know the type are common; only the streaming compiler insists on it.
    return response.headers.get('content-type')?.startsWith('application/wasm')
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw unusable(address.href, cause);
  }
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

const unusable = (what: string, cause: unknown) =>
  new GlassformerError('unsupported', `${what} could not be compiled: ${reason(cause)}`, { cause });

/** Memory is reserved now; and a module that is not ours lacks what is imported or exported. */
const unstartable = (cause: unknown) =>
  cause instanceof RangeError
    ? new GlassformerError('out-of-memory', `There is no memory for a model: ${cause.message}`, {
        cause,
      })
    : new GlassformerError('unsupported', `The module could not be started: ${reason(cause)}`, {
        cause,
      });
