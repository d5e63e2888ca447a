/** The article: its sections in order, what each of them shows on the page, and what to read next. */
import type { StageState } from './tour.ts';

export interface ArticleSection {
  id: string;
  state: StageState;
}

export const articleSections = [
  { id: 'next-token', state: { focus: 'candidates' } },
  { id: 'vectors', state: { operation: 'embedding', focus: 'tokens' } },
  { id: 'stream', state: { operation: 'residual', focus: 'flow' } },
  { id: 'norm', state: { operation: 'layerNorm', focus: 'flow' } },
  { id: 'looking', state: { operation: 'softmax', focus: 'flow' } },
  { id: 'bringing', state: { operation: 'weightedSum', focus: 'flow' } },
  { id: 'mlp', state: { operation: 'gelu', focus: 'flow' } },
  { id: 'blocks', state: { focus: 'map' } },
  { id: 'logits', state: { operation: 'unembedding', focus: 'candidates' } },
  { id: 'choosing', state: { operation: 'sampling', focus: 'sampling' } },
  { id: 'writing', state: { focus: 'generate' } },
  { id: 'inside', state: { focus: 'prompt' } },
] as const satisfies readonly ArticleSection[];

export type SectionId = (typeof articleSections)[number]['id'];

export interface Work {
  authors: string;
  title: string;
  year: number;
}

/** In the order in which the article comes to what they are about. */
export const furtherReading: readonly Work[] = [
  {
    authors: 'Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin',
    title: 'Attention Is All You Need',
    year: 2017,
  },
  {
    authors: 'Radford, Wu, Child, Luan, Amodei, Sutskever',
    title: 'Language Models are Unsupervised Multitask Learners',
    year: 2019,
  },
  {
    authors: 'Sennrich, Haddow, Birch',
    title: 'Neural Machine Translation of Rare Words with Subword Units',
    year: 2016,
  },
  {
    authors: 'He, Zhang, Ren, Sun',
    title: 'Deep Residual Learning for Image Recognition',
    year: 2016,
  },
  { authors: 'Ba, Kiros, Hinton', title: 'Layer Normalization', year: 2016 },
  {
    authors: 'Xiong, Yang, He, Zheng, Zheng, Xing, Zhang, Lan, Wang, Liu',
    title: 'On Layer Normalization in the Transformer Architecture',
    year: 2020,
  },
  { authors: 'Hendrycks, Gimpel', title: 'Gaussian Error Linear Units (GELUs)', year: 2016 },
  {
    authors: 'Geva, Schuster, Berant, Levy',
    title: 'Transformer Feed-Forward Layers Are Key-Value Memories',
    year: 2021,
  },
  {
    authors: 'Elhage, Nanda, Olsson, et al.',
    title: 'A Mathematical Framework for Transformer Circuits',
    year: 2021,
  },
  {
    authors: 'Olsson, Elhage, Nanda, et al.',
    title: 'In-context Learning and Induction Heads',
    year: 2022,
  },
  {
    authors: 'Press, Wolf',
    title: 'Using the Output Embedding to Improve Language Models',
    year: 2017,
  },
  {
    authors: 'Holtzman, Buys, Du, Forbes, Choi',
    title: 'The Curious Case of Neural Text Degeneration',
    year: 2020,
  },
  { authors: 'Jain, Wallace', title: 'Attention is not Explanation', year: 2019 },
];
