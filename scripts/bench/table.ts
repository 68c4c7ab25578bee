/** Tables on the terminal. */
import type { Summary } from './statistics';

export interface Table {
  readonly title: string;
  /** What is measured and how, in a sentence or two. */
  readonly note: string;
  readonly columns: readonly string[];
  /** A cell per column; the first one names the row. */
  readonly rows: readonly (readonly string[])[];
}

/** The table as text: names to the left, figures to the right. */
export function formatTable({ title, note, columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => (cells[index] ?? '').length)));
  const aligned = lines.map((cells) =>
    widths
      .map((width, index) =>
        index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width),
      )
      .join('   '),
  );
  const [head = '', ...body] = aligned;
  return [title, note, '', head, '-'.repeat(head.length), ...body].join('\n');
}

/** `1,234 ±5 %`: the median and the spread of the runs. */
export function withSpread({ median, spread }: Summary, digits = 0): string {
  return `${figure(median, digits)} ±${(spread * 100).toFixed(0)} %`;
}

/** A number with thousands separators. */
export function figure(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `2.5×`: the value as a multiple of the base. */
export function ratio(value: number, base: number): string {
  return `${(value / base).toFixed(2)}×`;
}
