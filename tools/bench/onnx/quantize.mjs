// Weights in eight bits, as onnxruntime's quantize_dynamic stores them: symmetric int8.

const largest = 127;

/** values [rows, columns] -> int8 values and a scale for each column. */
export function quantizeColumns(values, columns) {
  const scales = new Float32Array(columns);
  for (let i = 0, column = 0; i < values.length; i += 1) {
    const size = Math.abs(values[i]);
    if (size > scales[column]) scales[column] = size;
    column = column + 1 === columns ? 0 : column + 1;
  }
  for (let column = 0; column < columns; column += 1) {
    scales[column] = scales[column] / largest || 1;
  }
  const quantized = new Int8Array(values.length);
  for (let i = 0, column = 0; i < values.length; i += 1) {
    quantized[i] = Math.round(values[i] / scales[column]);
    column = column + 1 === columns ? 0 : column + 1;
  }
  return { quantized, scales };
}

/** values -> int8 values and one scale. */
export function quantizeWhole(values) {
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  const scale = size / largest || 1;
  const quantized = new Int8Array(values.length);
  for (let i = 0; i < values.length; i += 1) quantized[i] = Math.round(values[i] / scale);
  return { quantized, scale };
}

/** values [rows, columns] -> [columns, rows]. */
export function transpose(values, columns) {
  const rows = values.length / columns;
  const result = new values.constructor(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      result[column * rows + row] = values[row * columns + column];
    }
  }
  return result;
}
