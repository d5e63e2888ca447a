import type { OperationText } from './texts.ts';

export const softmax: OperationText = {
  words:
    'Softmax turns a row of scores into weights. The exponential function makes each score a positive number, and each of these is divided by the sum of its row. So the weights add up to 1, and what was minus infinity becomes 0. A score that is greater by 1 gets a weight about 2.72 times as large. One weight depends on all visible scores of its row.',
  formula:
    'a sub t, s equals the exponential of e prime sub t, s, divided by the sum of the exponentials of e prime sub t, u over all u up to t.',
  notice: 'Add up the weights of any row: the sum is 1, up to rounding in the last digits.',
};
