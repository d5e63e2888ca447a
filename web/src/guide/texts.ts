/** The shape of the guide's texts, which is the same in every language. */
import type { OperationId } from '../view/operations.ts';
import type { ArticleFormulaId } from './article_formulas.ts';
import type { Mathlike } from './math.ts';
import type { WayId } from '../view/ways.ts';

export interface OperationText {
  /** What it does, why it is there, how one number of its output comes from its inputs. */
  words: string;
  /** Its formula as it is read aloud. */
  formula: string;
  /** One thing to look at, or to try, on the page. */
  notice: string;
}

/** With what is said of models that go another way than GPT-2. */
export interface OperationTexts extends OperationText {
  ways?: Partial<Readonly<Record<WayId, OperationText>>>;
}

/** A visit begins with softmax: its words are a file of their own. */
export type OtherOperationId = Exclude<OperationId, 'softmax'>;

export interface StepText {
  title: string;
  text: string;
  /** Its text for models that go another way than GPT-2. */
  ways?: Partial<Readonly<Record<WayId, string>>>;
}

export type FormulaId = OperationId | ArticleFormulaId;

/** A piece of a paragraph; a formula stands on a line of its own. */
export type Inline = string | { term: string } | { math: Mathlike } | { formula: FormulaId };

export interface SectionText {
  title: string;
  paragraphs: readonly (readonly Inline[])[];
}

export interface ArticleText<Id extends string> {
  sections: Readonly<Record<Id, SectionText>>;
  /** The article's own formulas, as they are read aloud. */
  formulas: Readonly<Record<ArticleFormulaId, string>>;
  reading: string;
}
