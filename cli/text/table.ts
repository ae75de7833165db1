/** Rows as columns of a terminal. */
import { safe } from './terminal-text.ts';

const GAP = '  ';

/** Each column as wide as its widest cell; the last one runs on. Cells are made safe. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head.map((name) => name.toUpperCase()), ...rows.map((row) => row.map((cell) => safe(cell, 120)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
