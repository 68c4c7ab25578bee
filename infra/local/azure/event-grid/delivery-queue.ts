/** The durable queue of pending deliveries, in SQLite: accepted events survive a crash. */
import { type Database } from '../../stand-in-support/database';
import { type CloudEvent } from './cloud-event';

export interface Delivery {
  id: number;
  event: CloudEvent;
  publishedAt: Date;
  /** Failed attempts. */
  attempts: number;
}

export const deliverySchema = `
  CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    publishedAt INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    dueAt INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS deliveryDueAt ON delivery (dueAt, id);
`;

interface Row {
  id: number;
  event: string;
  publishedAt: number;
  attempts: number;
}

export interface DeliveryQueue {
  /** Stores all events, or none, before it returns; they are due at once. */
  add(events: CloudEvent[]): void;
  /** Up to `limit` deliveries that are due, the longest due first, without those in progress. */
  due(limit: number, inProgress: Iterable<number>): Delivery[];
  /** When the next delivery that is not in progress is or was due. */
  nextDueAt(inProgress: Iterable<number>): Date | undefined;
  retry(id: number, attempts: number, dueAt: Date): void;
  remove(id: number): void;
}

/** `database` must have been opened with `deliverySchema`. */
export function createDeliveryQueue(database: Database): DeliveryQueue {
  const insert = database.prepare('INSERT INTO delivery (event, publishedAt, dueAt) VALUES (?, ?, ?)');
  const waiting = 'FROM delivery WHERE id NOT IN (SELECT value FROM json_each(?))';
  const due = database.prepare(`SELECT * ${waiting} AND dueAt <= ? ORDER BY dueAt, id LIMIT ?`);
  const next = database.prepare(`SELECT dueAt ${waiting} ORDER BY dueAt LIMIT 1`);
  const retry = database.prepare('UPDATE delivery SET attempts = ?, dueAt = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM delivery WHERE id = ?');
  const addAll = database.transaction((events: CloudEvent[]) => {
    const now = Date.now();
    for (const event of events) {
      insert.run(JSON.stringify(event), now, now);
    }
  });
  return {
    add: (events) => void addAll(events),
    due: (limit, inProgress) => {
      const rows = due.all(JSON.stringify([...inProgress]), Date.now(), limit) as Row[];
      return rows.map(toDelivery);
    },
    nextDueAt: (inProgress) => {
      const row = next.get(JSON.stringify([...inProgress])) as { dueAt: number } | undefined;
      return row === undefined ? undefined : new Date(row.dueAt);
    },
    retry: (id, attempts, dueAt) => void retry.run(attempts, dueAt.getTime(), id),
    remove: (id) => void remove.run(id),
  };
}

function toDelivery(row: Row): Delivery {
  const event = JSON.parse(row.event) as CloudEvent;
  return { id: row.id, event, publishedAt: new Date(row.publishedAt), attempts: row.attempts };
}
