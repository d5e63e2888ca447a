/** Where the article's words and formulas are, by language. */
import type { OperationId } from '../view/operations.ts';
import type { SectionId } from './article.ts';
import { type ArticleFormulaId, articleFormulas } from './article_formulas.ts';
import { type OperationGuide, wholeGuide } from './load_operations.ts';
import type { ArticleText, FormulaId } from './texts.ts';

/** With the formulas of the operations, which the article shows too. */
export const articleTexts = {
  en: () => Promise.all([import('./article.en.ts'), wholeGuide.en()]).then(join),
  'zh-CN': () => Promise.all([import('./article.zh-CN.ts'), wholeGuide['zh-CN']()]).then(join),
};

type Parts = [{ article: ArticleText<SectionId> }, OperationGuide];

function join([{ article }, { texts, formulas }]: Parts) {
  /** As it is read aloud. */
  const labelOf = (id: FormulaId): string =>
    id in texts ? texts[id as OperationId].formula : article.formulas[id as ArticleFormulaId];
  return { ...article, labelOf, mathOf: { ...formulas, ...articleFormulas } };
}
