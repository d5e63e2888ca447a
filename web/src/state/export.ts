/** What can be taken away from the page as a file. */
import { patternBlock, patternName } from '../view/attention.ts';
import { axesOf } from '../view/explanation.ts';
import { distinct } from '../view/flow/stations.ts';
import type { Stages } from '../view/next_token.ts';
import { matricesOf, type Part, partsOf } from '../view/operation_parts.ts';
import { candidatesCsv } from '../view/tables.ts';
import type { Explorer } from './explorer.svelte.ts';
import { captureTensors, type Model, type Tensor, tensor } from './model_client.ts';
import { normOutput } from './norm_output.ts';
import { saveFile } from './save_file.ts';

export interface NamedTensor {
  /** For the file. */
  name: string;
  /** As the package calls it. */
  title: string;
  dims: readonly number[];
  /** From the model, once somebody wants it. */
  read: () => Promise<Tensor>;
}

export interface NamedTable {
  name: string;
  csv: string;
}

export const tensorFormats = {
  csv: (tensor: Tensor): BlobPart => tensor.toCSV(),
  json: (tensor: Tensor): BlobPart => JSON.stringify(tensor),
  safetensors: (tensor: Tensor): BlobPart => tensor.toSafetensors(),
  npy: (tensor: Tensor): BlobPart => tensor.toNpy(),
} as const;

/** How many numbers each letter of an activation's shape stands for. */
export function dimsOf(shape: string, config: Model['config'], tokens: number): number[] {
  const { n_head: H, n_embd: C, head_width: D, n_inner: F, vocab_size: V } = config;
  const sizes: Record<string, number> = { T: tokens, S: tokens, H, C, D, F, V, 1: 1 };
  return Array.from(shape, (letter) => sizes[letter]!);
}

/** An activation of the run on screen; of a pattern first that of the head on screen alone. */
function activation({ models, run, selection }: Explorer, name: string): NamedTensor[] {
  const { model } = models.current!;
  const { ids } = run!;
  const dims = dimsOf(axesOf(name, model.activations), model.config, ids.length);
  const read = async () => (await captureTensors(model, ids, [name]))[0]!;
  const whole = { name, title: name, dims, read };
  if (patternBlock(name) === null) return [whole];
  const { head } = selection;
  const own = {
    name: `${name}.head.${head}`,
    title: `${name}[${head}]`,
    dims: dims.slice(1),
    read: async () => (await read()).slice(head),
  };
  return [own, whole];
}

function weight({ models }: Explorer, name: string): NamedTensor[] {
  const { model } = models.current!;
  const info = model.weights.find((each) => each.name === name);
  return info ? [{ name, title: name, dims: info.dims, read: () => model.weight(name) }] : [];
}

/** What a layer norm gives out, at the position on screen alone. */
function output({ models, run, config }: Explorer, { name, position }: Part): NamedTensor {
  const { model } = models.current!;
  const title = `${name}[${position}]`;
  const dims = [config!.n_embd];
  const read = async () =>
    tensor(title, dims, await normOutput(model, run!.ids, { name, position }));
  return { name: `${name}.position.${position}`, title, dims, read };
}

/** What the inspector shows: the activation that it is about, those beside it, and the weights. */
export function focusTensors(explorer: Explorer): NamedTensor[] {
  const { inspector, selection, query, config } = explorer;
  const { focus } = inspector;
  const { block } = selection;
  const subject = focus.subject?.name ?? patternName(block);
  const parts = partsOf(focus, { ...selection, query }, config?.n_layer ?? 1);
  const activations = distinct([
    // Probabilities are made from the logits; they are no activation.
    subject === 'probabilities' ? 'logits' : subject,
    ...parts.flatMap(({ name, kind }) => (kind === 'activation' ? [name] : [])),
  ]);
  const weights = distinct([
    ...parts.flatMap(({ name, kind }) => (kind === 'weight' ? [name] : [])),
    ...matricesOf(focus, block, config?.tie_word_embeddings),
  ]);
  return [
    ...activations.flatMap((name) => activation(explorer, name)),
    ...parts.flatMap((part) => (part.kind === 'norm' ? [output(explorer, part)] : [])),
    ...weights.flatMap((name) => weight(explorer, name)),
  ];
}

/** Every token of the vocabulary, as the table has the first ones. */
export function candidateTables({ models, stages }: Explorer): NamedTable[] {
  const { tokenizer } = models.current!.model;
  const bytesOf = (id: number) => tokenizer.decodeBytes([id]);
  return [{ name: 'next_token', csv: candidatesCsv(stages as Stages, bytesOf) }];
}

export type PictureKind = 'png' | 'svg';

/** A view as a file. What draws it is only loaded when it is asked for. */
export async function savePicture(
  view: Element,
  kind: PictureKind,
  name: string,
  caption: readonly string[],
): Promise<void> {
  const { pictureOf, pngOf } = await import('../view/svg_image.ts');
  const picture = pictureOf(view, caption);
  saveFile(name, kind === 'svg' ? picture.svg : await pngOf(picture, 2));
}
