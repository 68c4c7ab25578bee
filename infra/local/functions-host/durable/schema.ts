/** Tables of the durable orchestrations. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT PRIMARY KEY,
  execution_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  input TEXT,
  output TEXT,
  custom_status TEXT,
  status TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  history_length INTEGER NOT NULL DEFAULT 0,
  parent TEXT,
  owner TEXT
) WITHOUT ROWID;

-- Only ever appended to, until the execution is replaced or purged.
CREATE TABLE IF NOT EXISTS history (
  instance_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (instance_id, sequence)
) WITHOUT ROWID;

-- Events that an orchestration has not taken yet; timers are kept here until they are due.
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  visible_ms INTEGER NOT NULL,
  event TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_due ON inbox (visible_ms, instance_id);
CREATE INDEX IF NOT EXISTS inbox_of_instance ON inbox (instance_id, visible_ms);

-- Activities that have been scheduled and not answered.
CREATE TABLE IF NOT EXISTS activities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  input TEXT,
  owner TEXT
);
CREATE INDEX IF NOT EXISTS activities_of_instance ON activities (instance_id);
CREATE INDEX IF NOT EXISTS activities_to_run ON activities (owner, id);
`;
