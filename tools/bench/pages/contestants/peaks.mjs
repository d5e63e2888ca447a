// What the machine can do, measured in the same browser: see peaks/peaks.cc.
import { measured } from '../timing.mjs';

const readBytes = 128 << 20;
const rounds = 20_000;

async function instantiate(file) {
  const response = await fetch(`/peaks/${file}.wasm`);
  // A growth that nobody needs to hear of, and calls that are never made.
  const ignore = new Proxy({}, { get: () => () => 0 });
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), {
    env: ignore,
    wasi_snapshot_preview1: ignore,
  });
  return instance.exports;
}

/** The operations a second of the best shape, in milliardths: GFLOP/s. */
async function multiplyAdd(kernels) {
  const speeds = [];
  for (let shape = 0; shape < kernels.shape_count(); shape += 1) {
    const times = await measured(() => void kernels.multiply_adds(shape, rounds, 0.5), {
      warmRuns: 20,
      warmMs: 300,
      runs: 20,
    });
    speeds.push((rounds * kernels.operations_per_round(shape)) / Math.min(...times) / 1e6);
  }
  return Math.max(...speeds);
}

async function streamingRead(kernels) {
  const begin = kernels.memory.grow(readBytes / 65536) * 65536;
  kernels.fill(begin, readBytes);
  const times = await measured(() => void kernels.read_all(begin, readBytes), { runs: 20 });
  return readBytes / Math.min(...times) / 1e6;
}

export async function start() {
  const plain = await instantiate('bench_peaks');
  const relaxed = await instantiate('bench_peaks_relaxed').catch(() => null);
  const facts = {
    multiplyAddGflops: await multiplyAdd(plain),
    fusedMultiplyAddGflops: relaxed && (await multiplyAdd(relaxed)),
    streamingReadGBs: await streamingRead(plain),
  };
  return { facts, works: {} };
}
