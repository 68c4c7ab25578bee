/** An index of the strings in arrays, for the paths that the indexing policy names (`/scopeKeys/[]/?`). */
import { type PropertyPath, requireJsonPath, type Sql } from './keys';
import { type Sqlite } from './sqlite';

export class ArrayIndex {
  private readonly items: string;
  private paths: readonly PropertyPath[] = [];

  constructor(
    private readonly sqlite: Sqlite,
    private readonly table: string,
  ) {
    this.items = `${table}_items`;
  }

  /** Triggers of the table maintain the index, also when documents expire. */
  create(paths: readonly PropertyPath[]): void {
    this.paths = paths;
    if (paths.length === 0 || this.exists()) return;
    const { items, table } = this;
    this.sqlite.exec(`
      CREATE TABLE ${items} (
        path TEXT, value TEXT, pk TEXT, seq INTEGER, PRIMARY KEY (path, value, pk, seq)) WITHOUT ROWID;
      CREATE INDEX ${items}_seq ON ${items} (seq);
      CREATE TRIGGER ${items}_insert AFTER INSERT ON ${table} BEGIN ${this.fill('NEW')} END;
      CREATE TRIGGER ${items}_update AFTER UPDATE OF body ON ${table} BEGIN
        DELETE FROM ${items} WHERE seq=OLD.seq; ${this.fill('NEW')} END;
      CREATE TRIGGER ${items}_delete AFTER DELETE ON ${table} BEGIN DELETE FROM ${items} WHERE seq=OLD.seq; END;
      ${this.fill(table, `${table},`)}`);
  }

  drop(): void {
    const triggers = ['insert', 'update', 'delete'].map(
      (event) => `DROP TRIGGER IF EXISTS ${this.items}_${event};`,
    );
    this.sqlite.exec(`${triggers.join('')} DROP TABLE IF EXISTS ${this.items};`);
  }

  /**
   * Selects the `seq` of the documents whose array at the path holds the string; undefined when that is not indexed.
   * @param scope a condition on `pk`
   */
  find(path: PropertyPath, item: string, scope: Sql): Sql | undefined {
    const name = path.join('/');
    if (!this.paths.some((known) => known.join('/') === name)) return undefined;
    return {
      sql: `SELECT seq FROM ${this.items} WHERE path=? AND value=? AND ${scope.sql}`,
      args: [name, item, ...scope.args],
    };
  }

  private exists(): boolean {
    return this.sqlite.get('SELECT 1 FROM sqlite_master WHERE name=?', this.items) !== undefined;
  }

  /** @param row what holds the document; `from` when it must be read from somewhere */
  private fill(row: string, from = ''): string {
    return this.paths
      .map((path) => {
        const json = requireJsonPath(path);
        const name = `'${path.join('/').replaceAll("'", "''")}'`;
        return (
          `INSERT OR IGNORE INTO ${this.items} SELECT ${name}, item.value, ${row}.pk, ${row}.seq ` +
          `FROM ${from} json_each(${row}.body, ${json}) AS item ` +
          `WHERE item.type='text' AND json_type(${row}.body, ${json})='array';`
        );
      })
      .join('\n');
  }
}
