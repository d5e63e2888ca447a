// Tables for a terminal.

/** Columns aligned: the first to the left, the others to the right. Cells are text. */
export function tableOf(header, rows) {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((cells) => cells[column].length)),
  );
  const line = (cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.map(line)].join('\n');
}

const digits = (value) =>
  value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);

/** "12.3 (11.9-14.0)", or a dash where nothing was measured. */
export const spread = (values) =>
  values ? `${digits(values.median)} (${digits(values.min)}-${digits(values.max)})` : '-';
