/** Where the guide's texts are, by language. They come when they are shown, not with the page. */
import type { OperationId } from '../view/operations.ts';
import type { SectionId } from './article.ts';
import type { ArticleFormulaId } from './formulas.ts';
import type { ArticleText, FormulaId, OperationText } from './texts.ts';

export const operationTexts = {
  en: () => import('./operations.en.ts').then(({ operations }) => operations),
  'zh-CN': () => import('./operations.zh-CN.ts').then(({ operations }) => operations),
};

export const tourTexts = {
  en: () => import('./tour.en.ts').then(({ tour }) => tour),
  'zh-CN': () => import('./tour.zh-CN.ts').then(({ tour }) => tour),
};

/** With the formulas of the operations as they are read aloud, which the article shows too. */
export const articleTexts = {
  en: () => Promise.all([import('./article.en.ts'), import('./operations.en.ts')]).then(join),
  'zh-CN': () =>
    Promise.all([import('./article.zh-CN.ts'), import('./operations.zh-CN.ts')]).then(join),
};

type Modules = [
  { article: ArticleText<SectionId> },
  { operations: Readonly<Record<OperationId, OperationText>> },
];

function join([{ article }, { operations }]: Modules) {
  const labelOf = (id: FormulaId): string =>
    id in operations
      ? operations[id as OperationId].formula
      : article.formulas[id as ArticleFormulaId];
  return { ...article, labelOf };
}
