/**
 * How long what moves on the page does, in milliseconds. A change of state takes 200 to 600: enough to be
 * followed, too little to wait for. What takes longer or less is on the list of `tests/web/view/motion.test.ts`,
 * with the reason; so are the times in styles.
 */
export const motions = {
  /** From the colours of one operation on the attention matrix to those of the next. */
  matrix: 450,
  /** A run through all stations of the flow. */
  reveal: 1500,
  /** One term of a sum that is added up, and all of them at most. */
  term: 150,
  sum: 4000,
} as const;
