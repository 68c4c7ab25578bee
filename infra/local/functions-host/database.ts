/** The host's own SQLite file: timer schedules, leases, and the durable orchestrations. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';

export type HostDatabase = Database.Database;

/** Opens (and creates) `functions-host.db` in a folder. Several processes may have it open at once. */
export function openHostDatabase(storageDir: string): HostDatabase {
  mkdirSync(storageDir, { recursive: true });
  const database = new Database(path.join(storageDir, 'functions-host.db'), { timeout: 10_000 });
  database.pragma('journal_mode = WAL');
  // With WAL, NORMAL keeps every committed transaction when the process is killed; only a power cut may lose the last.
  database.pragma('synchronous = NORMAL');
  return database;
}
