/** Whether a text fits the model. `unknown`: it has a character that the model has no token for. */

export type Fit = 'empty' | 'fits' | 'full' | 'too-long' | 'unknown';

/** The model cannot run on the text: what is on screen is from before. */
export const isRefused = (fit: Fit) => fit === 'too-long' || fit === 'unknown';

/** `full`: it can be run, but no token can be added. */
export function fitOf(tokens: number, context: number): Fit {
  if (tokens === 0) return 'empty';
  if (tokens > context) return 'too-long';
  return tokens === context ? 'full' : 'fits';
}
