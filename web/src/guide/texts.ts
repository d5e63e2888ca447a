/** The shape of the guide's texts, which is the same in every language. */

export interface OperationText {
  /** What it does, why it is there, how one number of its output comes from its inputs. */
  words: string;
  /** Its formula as it is read aloud. */
  formula: string;
  /** One thing to look at, or to try, on the page. */
  notice: string;
}

export interface StepText {
  title: string;
  text: string;
}
