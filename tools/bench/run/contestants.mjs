// Who is measured. `module` is a file of pages/contestants; `gigabytes` is the memory that its page
// takes at its worst, with some room.
import { Failure } from '../../setup/failure.mjs';

const model = '/model/';

export const contestants = [
  {
    name: 'ours-f32',
    label: 'Glassformer f32',
    module: 'ours',
    options: { dtype: 'f32', model },
    gigabytes: 2,
  },
  {
    name: 'ours-q8',
    label: 'Glassformer q8',
    module: 'ours',
    options: { dtype: 'q8', model },
    gigabytes: 1.5,
  },
  {
    name: 'ort-attention',
    label: "Transformer Explainer's graph, f32",
    module: 'ort_attention',
    options: { graph: '/graphs/attention.onnx' },
    file: 'attention.onnx',
    gigabytes: 3.5,
  },
  {
    name: 'ort-f32',
    label: 'onnxruntime-web f32',
    module: 'ort_cache',
    options: { graph: '/graphs/f32.onnx' },
    file: 'f32.onnx',
    gigabytes: 3,
  },
  {
    name: 'ort-q8',
    label: 'onnxruntime-web q8',
    module: 'ort_cache',
    options: { graph: '/graphs/q8.onnx' },
    file: 'q8.onnx',
    gigabytes: 1.5,
  },
  {
    name: 'wllama',
    label: 'wllama q8_0',
    module: 'wllama',
    options: { gguf: '/graphs/q8_0.gguf' },
    file: 'q8_0.gguf',
    gigabytes: 1.5,
  },
];

/** Those of a list such as "ours,ort-f32": a name, or its first part for several; all without one. */
export function chosenContestants(list) {
  if (list === undefined) return contestants;
  const chosen = list.split(',').map((word) => {
    const matching = contestants.filter(({ name }) => name === word || name.startsWith(`${word}-`));
    if (matching.length > 0) return matching;
    const names = contestants.map(({ name }) => name).join(', ');
    throw new Failure(
      `--only knows nothing called "${word}": there are ${names}; "ours" and "ort".`,
    );
  });
  return contestants.filter((each) => chosen.flat().includes(each));
}
