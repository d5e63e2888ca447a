// The memory of a page's process, as Linux counts it. The browser's own measure,
// measureUserAgentSpecificMemory, leaves out what WebAssembly holds in a worker.
import { readFileSync } from 'node:fs';

/** Bytes under a name of /proc/PID/status. */
function bytesOf(status, name) {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
  return kilobytes ? 1024 * Number(kilobytes[1]) : 0;
}

/** {resident, peak} from the text of /proc/PID/status: without the files that it maps; the most ever. */
export const memoryFrom = (status) => ({
  resident: bytesOf(status, 'RssAnon') + bytesOf(status, 'RssShmem'),
  peak: bytesOf(status, 'VmHWM'),
});

function statusOf(id) {
  try {
    return readFileSync(`/proc/${id}/status`, 'utf8');
  } catch {
    return ''; // ended meanwhile, or not Linux
  }
}

/** The largest of the browser's pages; zeros where there is no /proc. One page is open at a time. */
export async function largestPageMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const pages = processInfo.filter(({ type }) => type === 'renderer');
    const memories = pages.map(({ id }) => memoryFrom(statusOf(id)));
    return memories.reduce((most, each) => (each.resident > most.resident ? each : most), {
      resident: 0,
      peak: 0,
    });
  } finally {
    await session.detach();
  }
}
