/** Shows what became of every record of a log. */
import { line, table } from '../demo/print';
import { type EventLogCounts, remarksOn } from './event-log/counts';
import { outcomesOf, type RefusedEvents } from './event-log/outcomes';

/** Prints one row for each kind of record and outcome. @throws when they do not add up to the records read */
export function showOutcomes(counts: EventLogCounts, refused: readonly RefusedEvents[]): void {
  const rows = outcomesOf(counts, refused);
  table(
    ['event type, or channel and id', 'remark', 'records'],
    rows.map(({ what, remark, records }) => [what, remark, records]),
  );
  const sum = rows.reduce((total, { records }) => total + records, 0);
  line(`${sum} in the table = ${counts.recordsRead} records read`);
  for (const remark of remarksOn(counts)) line(remark);
  if (sum !== counts.recordsRead) throw new Error('the table does not add up to the records read');
}
