// Progress of one file after another: a line rewritten in place on a terminal, plain lines in a log.
import { formatBytes, formatSeconds } from './units.mjs';

const TERMINAL_INTERVAL = 100; // milliseconds between rewrites
const LOG_INTERVAL = 10_000; // milliseconds between lines of a log
const RATE_WINDOW = 10_000; // milliseconds over which the rate is measured

export class Progress {
  /** @param {{write(text: string): void, isTTY?: boolean, columns?: number}} stream */
  constructor(stream, now = () => Date.now()) {
    this.stream = stream;
    this.now = now;
    this.openLine = false;
  }

  /** A line of its own, for what happened rather than how far it is. */
  note(text) {
    this.endLine();
    this.stream.write(`${text}\n`);
  }

  /** @param {number | null} total bytes of the whole file; @param {number} done bytes here already */
  start(name, total, done = 0) {
    this.name = name;
    this.total = total;
    this.done = done;
    this.samples = [[this.now(), done]];
    this.shown = this.now();
    if (done > 0) this.note(`${name}: going on from ${formatBytes(done)}`);
  }

  update(done) {
    const now = this.now();
    this.done = done;
    if (now - this.samples.at(-1)[0] < TERMINAL_INTERVAL) return;
    this.samples.push([now, done]);
    while (this.samples.length > 2 && now - this.samples[1][0] > RATE_WINDOW) this.samples.shift();
    if (now - this.shown < (this.stream.isTTY ? TERMINAL_INTERVAL : LOG_INTERVAL)) return;
    this.shown = now;
    this.write(this.line(now));
  }

  finish() {
    this.endLine();
    this.stream.write(`${this.name}: ${formatBytes(this.done)}, complete\n`);
  }

  endLine() {
    if (this.openLine) this.stream.write('\n');
    this.openLine = false;
  }

  line(now) {
    const [then, before] = this.samples[0];
    const rate = now > then ? ((this.done - before) * 1000) / (now - then) : 0;
    const parts = [];
    if (this.total) {
      const percent = Math.floor((100 * this.done) / this.total);
      parts.push(`${percent}%`, `${formatBytes(this.done)} of ${formatBytes(this.total)}`);
    } else {
      parts.push(formatBytes(this.done));
    }
    if (rate > 0) {
      parts.push(`${formatBytes(Math.round(rate))}/s`);
      if (this.total) parts.push(`${formatSeconds((this.total - this.done) / rate)} left`);
    }
    return `${this.name}: ${parts.join(', ')}`;
  }

  write(line) {
    if (!this.stream.isTTY) {
      this.stream.write(`${line}\n`);
      return;
    }
    // \x1b[K clears what a longer line left behind.
    this.stream.write(`\r${line.slice(0, (this.stream.columns ?? 80) - 1)}\x1b[K`);
    this.openLine = true;
  }
}
