/** Whether a text fits the model. */

export type Fit = 'empty' | 'fits' | 'full' | 'too-long';

/** `full`: it can be run, but no token can be added. */
export function fitOf(tokens: number, context: number): Fit {
  if (tokens === 0) return 'empty';
  if (tokens > context) return 'too-long';
  return tokens === context ? 'full' : 'fits';
}
