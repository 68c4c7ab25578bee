/** What the demo prints: numbered steps, and tables that a newcomer can read. */

let steps = 0;

/** Announces a step. */
export function step(title: string): void {
  console.log(`\n${++steps}. ${title}`);
}

/** A line below a step. */
export function line(text: string): void {
  console.log(`   ${text}`);
}

/** A table below a step; numbers are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map((cell) => clip(String(cell))));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const isNumber = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  for (const [index, row] of cells.entries()) {
    line(
      row
        .map((cell, column) =>
          isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    );
    if (index === 0) line(widths.map((width) => '─'.repeat(width)).join('  '));
  }
}

const MAX_CELL_WIDTH = 72;

function clip(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ');
  return oneLine.length > MAX_CELL_WIDTH ? `${oneLine.slice(0, MAX_CELL_WIDTH - 1)}…` : oneLine;
}
