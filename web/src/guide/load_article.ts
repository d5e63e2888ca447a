/** Where the article's words are, by language. */
import type { OperationId } from '../view/operations.ts';
import type { SectionId } from './article.ts';
import type { ArticleFormulaId } from './article_formulas.ts';
import type { ArticleText, FormulaId, OperationText } from './texts.ts';

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
