/** Opens a SQLite file that survives a crash of the process (write-ahead log; not a power cut). */
import Database from 'libsql';

export type { Database } from 'libsql';

/** Opens `file` (`:memory:` for none) and runs `schema`, which must be repeatable (`IF NOT EXISTS`). */
export function openDatabase(file: string, schema: string): Database.Database {
  const database = new Database(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  database.exec(schema);
  return database;
}
