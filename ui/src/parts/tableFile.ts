// SPDX-License-Identifier: EUPL-1.2
// A table as it is shown, as a file for a spreadsheet: semicolons and a byte order mark, which German
// spreadsheets expect; without buttons, what opens below a row, and what is for screen readers only.
import { saveFile } from '../lib/saveFile';

const kLeftOut = 'button.quiet, .only-spoken, .row, input, select';

// Text that a spreadsheet would take for a formula is written as text; figures stay figures.
function field(text: string): string {
  const formula = /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-]?[\d.,:\s]+[%€]?$/.test(text));
  const safe = formula ? `'${text}` : text;
  return /[";\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  for (const part of copy.querySelectorAll(kLeftOut)) part.remove();
  return (copy.textContent ?? '').replace(/\s+/g, ' ').trim();
}

export function csvOf(table: HTMLTableElement): string {
  const lines: string[][] = [];
  for (const row of table.rows) {
    if (row.classList.contains('inner')) continue;
    lines.push([...row.cells].flatMap((cell) => [textOf(cell), ...Array<string>(cell.colSpan - 1).fill('')]));
  }
  // Columns that held nothing but buttons.
  const used = (lines[0] ?? []).map((_, at) => lines.slice(1).some((line) => line[at]));
  return lines
    .map((line) => line.filter((_, at) => used[at] ?? true).map(field).join(';') + '\r\n')
    .join('');
}

export const saveCsv = (table: HTMLTableElement, name: string) =>
  saveFile(new Blob(['\ufeff', csvOf(table)], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
