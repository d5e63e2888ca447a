/** What can be taken away from the page as a file. */
import { patternBlock, patternName } from '../view/attention.ts';
import type { Stages } from '../view/next_token.ts';
import { candidatesCsv } from '../view/tables.ts';
import type { Explorer } from './explorer.svelte.ts';
import { captureTensors, type Tensor } from './model_client.ts';

export interface NamedTensor {
  /** For the file. */
  name: string;
  tensor: Tensor;
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

const types: Record<string, string> = {
  csv: 'text/csv',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
};

/** Whatever a model is called: no system misunderstands these letters in a file's name. */
const plain = (text: string) => text.replace(/[^\w.-]+/g, '_').replace(/^[_.]+|[_.]+$/g, '');

/** glassformer-stories-blocks.3.attn.hook_pattern.csv */
export const fileNameOf = (model: string, name: string, extension: string) =>
  ['glassformer', plain(model), plain(name)].filter(Boolean).join('-') + `.${extension}`;

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: BlobPart): void {
  const type = types[name.split('.').at(-1)!] ?? 'application/octet-stream';
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The pattern of a block, and that of the head on screen alone. */
export async function patternTensors({ models, run, selection }: Explorer): Promise<NamedTensor[]> {
  const name = patternName(selection.block);
  const [tensor] = await captureTensors(models.current!.model, run!.ids, [name]);
  return [
    { name: `${name}.head.${selection.head}`, tensor: tensor!.slice(selection.head) },
    { name, tensor: tensor! },
  ];
}

/** The activation that the inspector is about; of a pattern also the head on screen alone. */
export async function focusTensors(explorer: Explorer): Promise<NamedTensor[]> {
  const { models, run, inspector, selection } = explorer;
  const name = inspector.focus.subject?.name ?? patternName(selection.block);
  if (patternBlock(name) !== null) return patternTensors(explorer);
  // Probabilities are made from the logits; they are no activation.
  const activation = name === 'probabilities' ? 'logits' : name;
  const [tensor] = await captureTensors(models.current!.model, run!.ids, [activation]);
  return [{ name: activation, tensor: tensor! }];
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
