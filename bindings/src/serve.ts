// A thread that helps to compute: an instance of the module on the memory of the first.
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The upper end of the thread's stack in that memory. */
  readonly stack: number;
}

/** The exports of the module that matter here (embind/, and Emscripten's own). */
interface ThreadExports {
  _emscripten_stack_restore(stack: number): void;
  glassformer_serve(): never;
}

/** Calls `ready`, then computes for ever. */
export async function serve({ module, memory, stack }: ThreadStart, ready: () => void) {
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    // Only the first instance talks to JavaScript: nothing that a product calls does.
    const unexpected = () => {
      throw new Error(`A computing thread called ${name}`);
    };
    (imports[from] ??= {})[name] = kind === 'memory' ? memory : unexpected;
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  const { _emscripten_stack_restore, glassformer_serve } = exports as unknown as ThreadExports;
  _emscripten_stack_restore(stack);
  ready();
  glassformer_serve();
}
