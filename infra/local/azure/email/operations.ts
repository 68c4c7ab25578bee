/** Send operations, remembered so that a repeated request finds the first one. */
import { type Database } from '../../stand-in-support/database';
import { type Outbox, type OutboxMail } from '../outbox/outbox';

interface SendOperation {
  id: string;
  repeatabilityId: string | null;
  /** Of the request's body. */
  bodyHash: string;
}

export const operationSchema = `
  CREATE TABLE IF NOT EXISTS emailOperation (id TEXT PRIMARY KEY, repeatabilityId TEXT UNIQUE, bodyHash TEXT NOT NULL);
`;

/** Long enough for a client to see it; not kept over a restart. */
const runningMilliseconds = 500;

export interface SendOperations {
  /** Whether the mail of this operation is still being sent. */
  isRunning(id: string): boolean;
  byId(id: string): SendOperation | undefined;
  byRepeatabilityId(id: string): SendOperation | undefined;
  /** Records the operation and puts its mail into the outbox: both or neither. */
  add(operation: SendOperation, mail: Omit<OutboxMail, 'id' | 'receivedAt'>): void;
}

/** `database` must have been opened with `operationSchema` and be the outbox's own. */
export function createSendOperations(database: Database, outbox: Outbox): SendOperations {
  const byId = database.prepare('SELECT * FROM emailOperation WHERE id = ?');
  const byRepeatabilityId = database.prepare('SELECT * FROM emailOperation WHERE repeatabilityId = ?');
  const insert = database.prepare(
    'INSERT INTO emailOperation (id, repeatabilityId, bodyHash) VALUES (?, ?, ?)',
  );
  const add = database.transaction(
    (operation: SendOperation, mail: Omit<OutboxMail, 'id' | 'receivedAt'>) => {
      insert.run(operation.id, operation.repeatabilityId, operation.bodyHash);
      outbox.add(mail);
    },
  );
  const running = new Set<string>();
  return {
    isRunning: (id) => running.has(id),
    byId: (id) => byId.get(id) as SendOperation | undefined,
    byRepeatabilityId: (id) => byRepeatabilityId.get(id) as SendOperation | undefined,
    add: (operation, mail) => {
      add(operation, mail);
      running.add(operation.id);
      setTimeout(() => running.delete(operation.id), runningMilliseconds).unref();
    },
  };
}
