// What both graphs on onnxruntime-web share.
import * as ort from '/peers/onnxruntime-web/dist/ort.wasm.min.mjs';

export async function createSession(address, threads) {
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = new URL('/peers/onnxruntime-web/dist/', location).href;
  return ort.InferenceSession.create(address, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
}

export const idsTensor = (ids) =>
  new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);

export const floatTensor = (data, dims) => new ort.Tensor('float32', data, dims);

export const facts = (threads) => ({ name: `onnxruntime-web ${ort.env.versions.web}`, threads });
