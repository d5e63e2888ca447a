// What the program needs of Node in WebAssembly and Emscripten does not have, or has otherwise.
// bindings/src/cli.ts hands over `signals`, an Int32Array that is shared with the thread that hears
// signals (whether one has come, and whether the program wants to go on then), and `isTerminal`.
addToLibrary({
  glassformer_note_interruptions__deps: ['$mendNodeFiles'],
  glassformer_note_interruptions: () => Atomics.store(Module['signals'], 1, 1),
  glassformer_interrupted: () => Atomics.load(Module['signals'], 0),
  glassformer_process_id: () => process.pid,

  // Emscripten's functions for Node's files, where they differ from a system's.
  $mendNodeFiles__deps: ['$FS', '$NODERAWFS', '$ERRNO_CODES'],
  $mendNodeFiles__postset: 'mendNodeFiles();',
  $mendNodeFiles: () => {
    const { open, read, write, createStandardStreams } = FS;
    const failure = (code) => new FS.ErrnoError(ERRNO_CODES[code]);

    // Names that are too long are refused, not cut.
    FS.open = (path, ...rest) => {
      if (path.split('/').some((name) => Buffer.byteLength(name) > 255))
        throw failure('ENAMETOOLONG');
      return open(path, ...rest);
    };

    // Emscripten takes all three for terminals, and lines for what should be written at once.
    FS.createStandardStreams = () => {
      createStandardStreams();
      for (const fd of [0, 1, 2])
        FS.streams[fd].tty = Module['isTerminal'](fd) ? { ops: {} } : undefined;
    };

    // Another program may have told a pipe not to wait: then waiting is up to us.
    const patiently = (operation) => {
      for (;;) {
        try {
          return operation();
        } catch (error) {
          if (error.errno !== ERRNO_CODES['EAGAIN']) throw error;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    };
    FS.read = (...call) => patiently(() => read(...call));
    FS.write = (...call) => {
      try {
        return patiently(() => write(...call));
      } catch (error) {
        // Node ignores SIGPIPE, by which programs end when nobody reads what they write any more.
        if (error.errno === ERRNO_CODES['EPIPE']) process.exit(128 + 13);
        throw error;
      }
    };
  },
});
