// How busy other programs keep the machine: timings are only worth something on a quiet one.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** {busy, total} ticks of all cores since the start of the system, from the text of /proc/stat. */
export function ticksFrom(stat) {
  const numbers = /^cpu +(.*)$/m.exec(stat)[1].split(' ').map(Number);
  // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in user already.
  const [user, nice, system, idle, iowait, ...interrupts] = numbers.slice(0, 8);
  const busy = interrupts.reduce((sum, ticks) => sum + ticks, user + nice + system);
  return { busy, total: busy + idle + iowait };
}

/** The share of all cores' time in which they are busy, over `ms`; undefined where /proc is absent. */
export async function busyShare(ms = 500) {
  try {
    const read = () => ticksFrom(readFileSync('/proc/stat', 'utf8'));
    const before = read();
    await wait(ms);
    const after = read();
    return (after.busy - before.busy) / (after.total - before.total || 1);
  } catch {
    return undefined;
  }
}
