/** Fills a store with many recordings directly, since each through the gateway would take hours. */
import { v7 } from 'uuid';
import { openDatabase } from '../../../infra/local/stand-in-support/database';
import { type Recording, recordingType } from '../../../functions/recordings/recording';
import { durationFields } from '../../../functions/recordings/search/search-fields';
import { toWire } from '../../../shared/cosmos/document-type';
import { recordingId } from '../../../shared/ids';
import { Random } from '../../../infra/local/stand-in-support/random';

export const CUSTOMER = '11111111-1111-4111-8111-111111111111';
/** Oldest first. */
export const MONTHS = ['2026-08', '2026-09', '2026-10', '2026-11'];
/** How many recordings of the newest month match each of the sparse filters, whatever its size. */
const MATCHES = 60;
export const RARE = { user: 'rare-user', word: 'needle', type: 'fileTransfer' } as const;

const MONTH_MILLISECONDS = 27 * 86_400_000;
const ROWS_OF_A_TRANSACTION = 10_000;
const COLUMNS = '(seq, pk, id, lsn, ts, expires, etag, body)';

/** Recordings of the months, as many in each, spread evenly. The container of the file must be empty and without indexes. */
export function seedRecordings(file: string, table: string, total: number, seed: number): void {
  const random = new Random(seed);
  const database = openDatabase(file, '');
  const insert = database.prepare(`INSERT INTO ${table} ${COLUMNS} VALUES (?, ?, ?, ?, ?, NULL, ?, ?)`);
  const perMonth = total / MONTHS.length;
  let seq = 0;
  for (const month of MONTHS) {
    for (let first = 0; first < perMonth; first += ROWS_OF_A_TRANSACTION) {
      database.exec('BEGIN');
      for (let i = first; i < Math.min(perMonth, first + ROWS_OF_A_TRANSACTION); i += 1) {
        const body = recording(random, { month, index: i, perMonth });
        const wire = toWire(recordingType, body, { customerId: CUSTOMER, month });
        seq += 1;
        const system = { _etag: `"${seq}"`, _ts: seq };
        const pk = JSON.stringify([CUSTOMER, month]);
        insert.run(seq, pk, wire.id, seq, seq, system._etag, JSON.stringify({ ...wire, ...system }));
      }
      database.exec('COMMIT');
    }
  }
  database.prepare('UPDATE containers SET lsn=?').run(seq);
  database.close();
}

interface Place {
  month: string;
  /** From 0, in order of time, among so many of the month. */
  index: number;
  perMonth: number;
}

function recording(random: Random, { month, index, perMonth }: Place): Recording {
  const start = Date.parse(`${month}-01T00:00:00Z`) + Math.floor((MONTH_MILLISECONDS * index) / perMonth);
  const startedAt = new Date(start).toISOString();
  const endedAt = new Date(start + random.below(14_400_000)).toISOString();
  const sessionId = v7({ msecs: start, random: Uint8Array.from({ length: 16 }, () => random.below(256)) });
  // Evenly among the recordings of the newest month.
  const step = Math.floor(perMonth / MATCHES);
  const isRare = month === MONTHS.at(-1) && index % step === 0 && index / step < MATCHES;
  const account = isRare ? RARE.user : `user${random.below(5_000)}`;
  return {
    id: recordingId(sessionId, 1),
    sessionId,
    part: 1,
    siteId: `aaaaaaaa-0000-4000-8000-00000000000${random.below(10)}`,
    serverId: 'bbbbbbbb-0000-4000-8000-000000000001',
    container: 'webm',
    state: 'complete',
    userName: `CONTOSO\\${account}`,
    userKey: `contoso\\${account}`,
    accountKey: account,
    machineKey: `vda-${random.below(2_000)}`,
    scopeKeys: [`u:${account}`],
    audio: false,
    lossy: false,
    startedAt,
    endedAt,
    ...durationFields(startedAt, endedAt),
    eventCount: 40,
    eventTypes: [isRare ? RARE.type : 'appStart'],
    eventWords: [`word${random.below(500)}`, ...(isRare ? [RARE.word] : [])],
  };
}
