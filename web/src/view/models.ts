/** The embedded models, as weights/manifest.json names them. */
import manifest from '../../../weights/manifest.json';
import type { Language } from '../messages/messages.ts';

export interface EmbeddedModel {
  id: string;
  path: string;
  language: string;
  parameters: number;
  licence: string;
  name: Record<Language, string>;
  description: Record<Language, string>;
  examples: string[];
  files: { name: string; bytes: number }[];
}

export const embeddedModels: readonly EmbeddedModel[] = manifest.embedded;

export const findModel = (id: string | null | undefined): EmbeddedModel | undefined =>
  embeddedModels.find((model) => model.id === id);

/** The model that writes the reader's language. */
export const defaultModel = (language: Language): EmbeddedModel =>
  embeddedModels.find((model) => model.language === language) ?? embeddedModels[0]!;

/** Where a file of an embedded model lies, relative to the page. */
export const modelAddress = (model: EmbeddedModel, file = '') => `models/${model.path}/${file}`;

export const downloadBytes = (model: EmbeddedModel) =>
  model.files.reduce((sum, file) => sum + file.bytes, 0);
