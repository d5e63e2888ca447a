// Runs the kernels in Chromium, with and without relaxed SIMD, beside the machine's own limits.
import { launchChromium } from '../run/browser.mjs';
import { serveMounts } from '../run/server.mjs';
import { buildWithCMake } from '../../steps/cmake.mjs';
import { below } from '../../setup/paths.mjs';
import { runProgram } from '../../setup/failure.mjs';
import { tableOf } from '../report/table.mjs';

const programs = { baseline: 'bench_kernels', relaxed: 'bench_kernels_relaxed' };

async function inPage(browser, url, work, argument) {
  const page = await browser.newPage();
  try {
    const lines = [];
    page.on('console', (message) => lines.push(message.text()));
    await page.goto(`${url}/pages/index.html`);
    const result = await page.evaluate(work, argument);
    return { lines, result };
  } finally {
    await page.close();
  }
}

const runKernels = async (program) => {
  const { default: create } = await import(`/built/${program}.mjs`);
  await create({ print: (line) => console.log(line) });
};

const measurePeaks = async () => {
  const { start } = await import('/pages/contestants/peaks.mjs');
  return (await start()).facts;
};

await runProgram(async () => {
  for (const target of [...Object.values(programs), 'bench_peaks', 'bench_peaks_relaxed']) {
    await buildWithCMake('wasm', { target });
  }
  const server = await serveMounts({
    pages: below('tools/bench/pages'),
    built: below('build/wasm/bin'),
    peaks: below('build/wasm/bin'),
  });
  const browser = await launchChromium();
  try {
    const { result: peaks } = await inPage(browser, server.url, measurePeaks);
    const results = {};
    for (const [kind, program] of Object.entries(programs)) {
      const { lines } = await inPage(browser, server.url, runKernels, program);
      results[kind] = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    }
    const { multiplyAddGflops, fusedMultiplyAddGflops, streamingReadGBs } = peaks;
    console.log(
      `\nThis machine in Chromium, one thread: multiply-add ${multiplyAddGflops.toFixed(1)} ` +
        `GFLOP/s, fused ${fusedMultiplyAddGflops?.toFixed(1)}; read ${streamingReadGBs.toFixed(1)} GB/s\n`,
    );
    const speed = ({ flops, bytes, ms }) =>
      flops > 0
        ? `${(flops / ms / 1e6).toFixed(1)} GFLOP/s`
        : `${(bytes / ms / 1e6).toFixed(1)} GB/s`;
    const milliseconds = (ms) => ms.toPrecision(3);
    const rows = results.baseline.map((base, i) => {
      const relaxed = results.relaxed[i];
      return [
        base.kernel,
        base.shape,
        milliseconds(base.ms),
        speed(base),
        milliseconds(relaxed.ms),
        speed(relaxed),
        `${(base.plain / base.ms).toFixed(1)} x`,
      ];
    });
    const head = ['kernel', 'shape', 'ms', 'speed', 'ms, relaxed', 'speed', 'a plain loop takes'];
    console.log(tableOf(head, rows));
  } finally {
    await browser.close();
    await server.close();
  }
});
