/**
 * The curve of GPT-2's gelu, for drawing: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and
 * Gimpel 2016, "Gaussian Error Linear Units", section 2). The values of neurons come from the model.
 */
export const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
