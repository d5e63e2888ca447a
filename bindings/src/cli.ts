#!/usr/bin/env node
// The command line program (tools/cli) in WebAssembly. It runs in a thread, because a signal is heard
// only where nothing else is running: a program that writes a file must remove its part of it when it
// is interrupted.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { isatty } from 'node:tty';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface Start {
  words: string[];
  /** Whether a signal has come, and whether the program wants to go on then. */
  signals: Int32Array;
}

function listen(signals: Int32Array): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    const hear = () => {
      Atomics.store(signals, 0, 1);
      if (Atomics.load(signals, 1) !== 0) return;
      process.off(signal, hear);
      process.kill(process.pid, signal);
    };
    process.on(signal, hear);
  }
}

/** One line, as all errors of the program are; 1, because its use was not wrong. */
function fail(cause: unknown): never {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ');
  writeSync(2, `glassformer: the program failed: ${reason}\n`);
  process.exit(1);
}

if (isMainThread) {
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const workerData: Start = { words: process.argv.slice(2), signals };
  const thread = new Worker(new URL(import.meta.url), { workerData });
  thread.on('error', fail);
  thread.on('exit', (code) => (process.exitCode = code));
  listen(signals);
} else {
  const { words, signals } = workerData as Start;
  const load = createRequire(import.meta.url)('./glassformer-cli.cjs');
  const printErr = () => {}; // of Emscripten's own messages, which are errors here too
  try {
    const program = await load({ signals, isTerminal: isatty, printErr, noInitialRun: true });
    process.exit(program.callMain(words));
  } catch (cause) {
    fail(cause);
  }
}
