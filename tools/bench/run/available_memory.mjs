import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Bytes that programs can still get, in the text of /proc/meminfo; undefined where it is not said. */
export function availableFrom(meminfo) {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return kilobytes ? 1024 * Number(kilobytes[1]) : undefined;
}

export function availableMemory() {
  try {
    return availableFrom(readFileSync('/proc/meminfo', 'utf8')) ?? os.freemem();
  } catch {
    return os.freemem();
  }
}

/** Why a contestant cannot run, or undefined. */
export function lackOfMemory({ gigabytes }, available = availableMemory()) {
  const free = available / 1e9;
  if (free >= gigabytes) return undefined;
  return `needs about ${gigabytes} GB of free memory, and there are ${free.toFixed(1)} GB`;
}
