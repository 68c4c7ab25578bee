/**
 * Durable orchestrations in SQLite. A turn of an orchestration is one transaction: it appends to the history, removes
 * the processed events from the inbox and adds what was scheduled. So whatever the history has scheduled and not
 * answered can always be run.
 */
import { type HostDatabase } from '../database';
import { type Membership } from '../membership';
import { EventType, type HistoryEvent, isEnded, type RuntimeStatus } from './history';
import { SCHEMA } from './schema';

export interface Instance {
  readonly instanceId: string;
  /** A new one for each start under the same id, and for each continue-as-new. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  /** JSON text. */
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly status: RuntimeStatus;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly historyLength: number;
  readonly parent: ParentLink | null;
}

/** The parent of a sub-orchestration, and the sequence number under which it waits. */
interface ParentLink {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

export interface NewInstance {
  readonly instanceId: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly input: string | null;
  readonly parent: ParentLink | null;
}

export interface InboxEvent {
  readonly id: number;
  readonly event: HistoryEvent;
}

export interface ActivityWork {
  readonly id: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
}

interface InstanceRow {
  instance_id: string;
  execution_id: string;
  name: string;
  version: string;
  input: string | null;
  output: string | null;
  custom_status: string | null;
  status: RuntimeStatus;
  created_ms: number;
  updated_ms: number;
  history_length: number;
  parent: string | null;
}

export class DurableStore {
  private readonly statements;
  private readonly owner: string;

  constructor(
    private readonly database: HostDatabase,
    membership: Membership,
  ) {
    database.exec(SCHEMA);
    this.owner = membership.owner;
    membership.watch('instances');
    membership.watch('activities');
    this.statements = prepareStatements(database);
  }

  /** Runs `work` in one write transaction. */
  transaction<Result>(work: () => Result): Result {
    return this.database.transaction(work).immediate();
  }

  instance(instanceId: string): Instance | undefined {
    const row = this.statements.instance.get(instanceId) as InstanceRow | undefined;
    return row && toInstance(row);
  }

  /** All instances in the order of their ids, after `afterId`. */
  instances(afterId: string): Instance[] {
    return (this.statements.instances.all(afterId) as InstanceRow[]).map(toInstance);
  }

  /**
   * Creates an instance in place of an ended one. Returns the status of one that has not ended, and changes nothing
   * then.
   */
  create(start: NewInstance, event: HistoryEvent): RuntimeStatus | undefined {
    const existing = this.instance(start.instanceId);
    if (existing && !isEnded(existing.status)) return existing.status;
    this.delete(start.instanceId);
    const nowMs = Date.now();
    this.statements.insertInstance.run({
      instanceId: start.instanceId,
      executionId: start.executionId,
      name: start.name,
      version: start.version,
      input: start.input,
      nowMs,
      parent: start.parent && JSON.stringify(start.parent),
    });
    this.deliver(start.instanceId, start.executionId, event);
    return undefined;
  }

  delete(instanceId: string): void {
    this.statements.deleteInstance.run(instanceId);
    this.clear(instanceId);
    this.statements.deleteHistory.run(instanceId);
  }

  /** Puts an event into an instance's inbox, at once or at `visibleMs`, unless that execution is over. */
  deliver(instanceId: string, executionId: string, event: HistoryEvent, visibleMs = Date.now()): void {
    this.statements.insertInbox.run({ instanceId, executionId, event: JSON.stringify(event), visibleMs });
  }

  /** Puts an event into the inbox of whatever execution the instance has. False when there is none, or it has ended. */
  deliverToRunning(instanceId: string, event: HistoryEvent): boolean {
    const instance = this.instance(instanceId);
    if (!instance || isEnded(instance.status)) return false;
    this.deliver(instanceId, instance.executionId, event);
    return true;
  }

  /** Claims orchestrations with events in their inbox. */
  claimOrchestrations(limit: number): string[] {
    const rows = this.statements.claimInstances.all({ owner: this.owner, nowMs: Date.now(), limit });
    return (rows as { instance_id: string }[]).map((row) => row.instance_id);
  }

  releaseOrchestration(instanceId: string): void {
    this.statements.releaseInstance.run(instanceId, this.owner);
  }

  /** True while the claim holds: the instance has not been started, purged, taken over or continued since it was read. */
  owns({ instanceId, executionId, historyLength }: Instance): boolean {
    return this.statements.owned.get(instanceId, executionId, historyLength, this.owner) !== undefined;
  }

  /** The inbox of an instance. An execution's start comes first, whatever arrived before it. */
  inbox(instanceId: string): InboxEvent[] {
    const rows = this.statements.inbox.all(instanceId, Date.now()) as { id: number; event: string }[];
    const events = rows.map(({ id, event }) => ({ id, event: JSON.parse(event) as HistoryEvent }));
    const isStart = ({ event }: InboxEvent) => event.EventType === EventType.ExecutionStarted;
    return [...events.filter(isStart), ...events.filter((event) => !isStart(event))];
  }

  removeFromInbox(events: readonly InboxEvent[]): void {
    for (const { id } of events) this.statements.deleteInbox.run(id);
  }

  /** The events as JSON text, oldest first. */
  history(instanceId: string): string[] {
    return (this.statements.history.all(instanceId) as { event: string }[]).map((row) => row.event);
  }

  appendHistory(instanceId: string, length: number, events: readonly string[]): void {
    for (const [index, event] of events.entries())
      this.statements.insertHistory.run(instanceId, length + index, event);
  }

  update(
    instanceId: string,
    status: RuntimeStatus,
    customStatus: string | null,
    historyLength: number,
  ): void {
    this.statements.update.run({ instanceId, status, customStatus, historyLength, nowMs: Date.now() });
  }

  end(instanceId: string, status: RuntimeStatus, output: string | null): void {
    this.statements.end.run({ instanceId, status, output });
    this.clear(instanceId);
  }

  /** Begins a new execution with an empty history; external events that have not been consumed are passed on to it. */
  continueAsNew(
    instanceId: string,
    executionId: string,
    input: string | null,
    events: readonly HistoryEvent[],
  ): void {
    const waiting = (this.statements.waiting.all(instanceId) as { event: string }[]).map(
      (row) => JSON.parse(row.event) as HistoryEvent,
    );
    const kept = waiting.filter(({ EventType: type }) => KEPT_EVENTS.includes(type));
    this.clear(instanceId);
    this.statements.deleteHistory.run(instanceId);
    this.statements.restart.run({ instanceId, executionId, input });
    for (const event of [...events, ...kept]) this.deliver(instanceId, executionId, event);
  }

  scheduleActivity(work: Omit<ActivityWork, 'id'>): void {
    this.statements.insertActivity.run({ ...work });
  }

  claimActivities(limit: number): ActivityWork[] {
    return this.statements.claimActivities.all({ owner: this.owner, limit }) as ActivityWork[];
  }

  /** Accepts the result of an activity, once. False when it was answered, purged or claimed by another process before. */
  finishActivity(work: ActivityWork, event: HistoryEvent): boolean {
    return this.transaction(() => {
      if (this.statements.deleteActivity.run(work.id, this.owner).changes === 0) return false;
      this.deliver(work.instanceId, work.executionId, event);
      return true;
    });
  }

  /** When the next timer is due. */
  nextDueMs(): number | undefined {
    const { due } = this.statements.nextDue.get(Date.now()) as { due: number | null };
    return due ?? undefined;
  }

  /** Deletes what waits for an instance or was scheduled by it. */
  private clear(instanceId: string): void {
    this.statements.clearInbox.run(instanceId);
    this.statements.clearActivities.run(instanceId);
  }
}

/** What belongs to the instance, not to one execution of it. */
const KEPT_EVENTS: readonly number[] = [
  EventType.EventRaised,
  EventType.ExecutionTerminated,
  EventType.ExecutionSuspended,
  EventType.ExecutionResumed,
];

function toInstance(row: InstanceRow): Instance {
  return {
    instanceId: row.instance_id,
    executionId: row.execution_id,
    name: row.name,
    version: row.version,
    input: row.input,
    output: row.output,
    customStatus: row.custom_status,
    status: row.status,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    historyLength: row.history_length,
    parent: row.parent === null ? null : (JSON.parse(row.parent) as ParentLink),
  };
}

function prepareStatements(database: HostDatabase) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    instance: prepare('SELECT * FROM instances WHERE instance_id = ?'),
    instances: prepare('SELECT * FROM instances WHERE instance_id > ? ORDER BY instance_id'),
    insertInstance: prepare(
      `INSERT INTO instances (instance_id, execution_id, name, version, input, status, created_ms, updated_ms, parent)
       VALUES (:instanceId, :executionId, :name, :version, :input, 'Pending', :nowMs, :nowMs, :parent)`,
    ),
    deleteInstance: prepare('DELETE FROM instances WHERE instance_id = ?'),
    claimInstances: prepare(
      `UPDATE instances SET owner = :owner WHERE instance_id IN (
         SELECT DISTINCT inbox.instance_id FROM inbox JOIN instances USING (instance_id)
         WHERE inbox.visible_ms <= :nowMs AND instances.owner IS NULL LIMIT :limit)
       RETURNING instance_id`,
    ),
    releaseInstance: prepare('UPDATE instances SET owner = NULL WHERE instance_id = ? AND owner = ?'),
    owned: prepare(
      'SELECT 1 FROM instances WHERE instance_id = ? AND execution_id = ? AND history_length = ? AND owner = ?',
    ),
    update: prepare(
      `UPDATE instances SET status = :status, custom_status = :customStatus, history_length = :historyLength, updated_ms = :nowMs
       WHERE instance_id = :instanceId`,
    ),
    end: prepare('UPDATE instances SET status = :status, output = :output WHERE instance_id = :instanceId'),
    restart: prepare(
      'UPDATE instances SET execution_id = :executionId, input = :input, history_length = 0 WHERE instance_id = :instanceId',
    ),
    insertInbox: prepare(
      `INSERT INTO inbox (instance_id, event, visible_ms)
       SELECT :instanceId, :event, :visibleMs FROM instances
       WHERE instance_id = :instanceId AND execution_id = :executionId AND status NOT IN ('Completed', 'Failed', 'Terminated')`,
    ),
    inbox: prepare('SELECT id, event FROM inbox WHERE instance_id = ? AND visible_ms <= ? ORDER BY id'),
    waiting: prepare('SELECT event FROM inbox WHERE instance_id = ? ORDER BY id'),
    deleteInbox: prepare('DELETE FROM inbox WHERE id = ?'),
    clearInbox: prepare('DELETE FROM inbox WHERE instance_id = ?'),
    history: prepare('SELECT event FROM history WHERE instance_id = ? ORDER BY sequence'),
    insertHistory: prepare('INSERT INTO history (instance_id, sequence, event) VALUES (?, ?, ?)'),
    deleteHistory: prepare('DELETE FROM history WHERE instance_id = ?'),
    insertActivity: prepare(
      `INSERT INTO activities (instance_id, execution_id, task_id, name, input)
       VALUES (:instanceId, :executionId, :taskId, :name, :input)`,
    ),
    claimActivities: prepare(
      `UPDATE activities SET owner = :owner
       WHERE id IN (SELECT id FROM activities WHERE owner IS NULL ORDER BY id LIMIT :limit)
       RETURNING id, instance_id AS instanceId, execution_id AS executionId, task_id AS taskId, name, input`,
    ),
    deleteActivity: prepare('DELETE FROM activities WHERE id = ? AND owner = ?'),
    clearActivities: prepare('DELETE FROM activities WHERE instance_id = ?'),
    nextDue: prepare('SELECT MIN(visible_ms) AS due FROM inbox WHERE visible_ms > ?'),
  };
}
