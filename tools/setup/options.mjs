import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

/** The command line's options; where it does not fit, the failure shows `usage`. */
export function optionsFrom(usage, options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Failure(`${error.message}\nUsage: ${usage}`);
  }
}
