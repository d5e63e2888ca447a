// Waiting between attempts: each wait is twice the last, unless the server names one.
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT = 1000; // milliseconds
const LONGEST_WAIT = 30_000;

/**
 * Says what went wrong and waits before attempt number `failures` + 1 (the first failure is 1).
 * Throws the signal's reason where it is aborted meanwhile.
 * @param {import('./errors.mjs').PassingError} error
 */
export async function waitAfter(error, failures, { progress, signal, firstWait = FIRST_WAIT }) {
  const doubled = Math.min(firstWait * 2 ** Math.max(0, failures - 1), LONGEST_WAIT);
  const wait = error.waitMilliseconds ?? doubled;
  progress.note(`${error.message}; trying again in ${wait / 1000} s`);
  await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
}
