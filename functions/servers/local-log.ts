/** What local administrators changed on a server: it becomes part of the administrator log. */
import { z } from 'zod';
import { auditEntryType } from '../../shared/audit/audit-entry';
import { instant, resourceId } from '../../shared/http/fields';
import { derivedId } from '../../shared/ids';
import { appendToLog } from '../../shared/log/append';
import { Problem } from '../../shared/problem';
import { mapConcurrently } from '../../shared/pure/map-concurrently';
import { line } from '../../shared/pure/text-fields';
import type { Services } from '../../shared/services';
import { correctPastTime } from './clock-skew';
import type { Server } from './server';
import { readSkewMilliseconds } from './store';

const MAX_RECORDS = 500;
const CONCURRENT_WRITES = 10;
/** An older one would open a month of the log that nobody looks at. */
const OLDEST_MILLISECONDS = 366 * 86_400_000;

const value = z.string().max(4_000).optional();

const localChange = z
  .strictObject({
    id: resourceId.describe('Assigned when it happens; the same in a repetition'),
    time: instant.describe("By the server's clock"),
    action: line(128).meta({ description: 'What was done', examples: ['server.changeRollOver'] }),
    by: line(256).meta({ description: 'Account of the administrator', examples: ['CONTOSO\\ada'] }),
    authorised: z.boolean().default(true).describe('False: it was refused'),
    old: value.meta({ description: 'The value before; never a secret', examples: ['50'] }),
    new: value.meta({ description: 'The value since; never a secret', examples: ['100'] }),
  })
  .meta({ id: 'LocalChange', description: 'Something that an administrator did on the server itself' });

export const localChangesSchema = z
  .array(localChange)
  .min(1)
  .max(MAX_RECORDS)
  .describe('What was done, in any order');

/** Appends the records to the administrator log; those that it has already are left alone. @throws Problem `bad-request` */
export async function logLocalChanges(
  services: Pick<Services, 'database' | 'clock'>,
  customerId: string,
  server: Pick<Server, 'id' | 'hostName' | 'siteId'>,
  { records, traceId }: { records: z.output<typeof localChangesSchema>; traceId: string },
): Promise<void> {
  const now = services.clock.now();
  const skewMilliseconds = await readSkewMilliseconds(services, customerId, server.id);
  const timed = records.map((record) => ({
    record,
    at: correctPastTime(record.time, skewMilliseconds, now),
  }));
  if (timed.some(({ at }) => now.getTime() - at.getTime() > OLDEST_MILLISECONDS))
    throw new Problem('bad-request', 'A record is more than 366 days old: leave it out.');
  await mapConcurrently(timed, CONCURRENT_WRITES, ({ record, at }) =>
    appendToLog(services, customerId, auditEntryType, {
      id: derivedId('local-change', server.id, record.id),
      at: at.toISOString(),
      category: 'configuration',
      action: record.action,
      by: { id: record.by, name: record.by, kind: 'localAdministrator' },
      address: '',
      authorised: record.authorised,
      outcome: record.authorised ? 'succeeded' : 'failed',
      traceId,
      siteId: server.siteId,
      serverId: server.id,
      target: { type: 'server', id: server.id, name: server.hostName },
      old: record.old,
      new: record.new,
    }),
  );
}
