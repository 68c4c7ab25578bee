/** Schedule status of timer triggers, kept over restarts so that a missed occurrence is run later. */
import { type HostDatabase } from '../database';

/** Times in milliseconds since 1970; `lastMs` 0 = never ran. */
export interface ScheduleStatus {
  readonly lastMs: number;
  readonly nextMs: number;
  readonly lastUpdatedMs: number;
}

export class ScheduleStore {
  private readonly readStatement;
  private readonly writeStatement;

  constructor(database: HostDatabase) {
    database.exec(
      `CREATE TABLE IF NOT EXISTS timers (
         function_name TEXT PRIMARY KEY, last_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, last_updated_ms INTEGER NOT NULL)`,
    );
    this.readStatement = database.prepare(
      'SELECT last_ms, next_ms, last_updated_ms FROM timers WHERE function_name = ?',
    );
    this.writeStatement = database.prepare(
      'INSERT OR REPLACE INTO timers (function_name, last_ms, next_ms, last_updated_ms) VALUES (?, ?, ?, ?)',
    );
  }

  read(functionName: string): ScheduleStatus | undefined {
    const row = this.readStatement.get(functionName) as
      { last_ms: number; next_ms: number; last_updated_ms: number } | undefined;
    return row && { lastMs: row.last_ms, nextMs: row.next_ms, lastUpdatedMs: row.last_updated_ms };
  }

  write(functionName: string, status: ScheduleStatus): void {
    this.writeStatement.run(functionName, status.lastMs, status.nextMs, status.lastUpdatedMs);
  }
}
