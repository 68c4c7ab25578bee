/**
 * Tasks that wait for one server: the server executes a command, and the task ends with its outcome. It waits without
 * an orchestration, which starts when the outcome arrives, or at the latest when none can arrive any more.
 */
import {
  type AuditDetails,
  type AuditEntry,
  auditEntryType,
  type AuditTrail,
} from '../../../shared/audit/audit-entry';
import type { Stored } from '../../../shared/cosmos/document-type';
import type { OperationContext } from '../../../shared/http/operation';
import { derivedId } from '../../../shared/ids';
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';
import { createTask } from '../../../shared/tasks/create-task';
import { startTask } from '../../../shared/tasks/start-task';
import { initiatorOf, type Task, withNote } from '../../../shared/tasks/task';
import type { TaskKind } from '../../../shared/tasks/task-kind';
import { type TaskRef, taskRef } from '../../../shared/tasks/task-pages';
import { changeTask } from '../../../shared/tasks/task-steps';
import type { CommandEnd } from '../commands/command';
import { type CommandData, type CommandKind, kindSpec } from '../commands/command-kinds';
import type { CommandPurpose } from '../commands/command-purpose';
import { findCommandEnd } from '../commands/finish-command';
import { type CommandContent, queueCommand } from '../commands/queue-command';
import type { Server } from '../server';
import { requireAvailable } from '../require-available';

/** A server that is online fetches a command within the minute of its next heartbeat. */
const FETCH_SECONDS = 300;
/** For the sweep that expires commands, and the queue. */
const MARGIN_SECONDS = 300;

/** What a task needs of the request that starts it. */
export type ServerRequest = Pick<
  OperationContext<'servers.manage', string, undefined, undefined, Stored<Server>>,
  'services' | 'log' | 'caller' | 'newId' | 'traceId' | 'clientAddress'
> & { resource: Stored<Server>; audit: AuditTrail };

interface ServerTask {
  kind: TaskKind;
  title: string;
  /** The command, also as it follows from the task's id. */
  content: CommandContent | ((taskId: string) => CommandContent);
  /** Instead of `available`. @throws Problem unless the server's state allows it */
  requireState?: (server: Server) => void;
  /** Old and new values for the administrator log. */
  details?: Pick<AuditDetails, 'old' | 'new'>;
  /** Stores what belongs to the task before the server can answer; may run more than once. */
  prepare?: (taskId: string) => Promise<unknown>;
}

/**
 * Has an available server execute a command.
 * @returns the reply of the operation, and the id of task and command
 * @throws Problem `server-not-available`
 */
export async function startServerTask(
  request: ServerRequest,
  { kind, title, content: given, details, prepare, requireState = requireAvailable }: ServerTask,
) {
  const { services, log, caller, audit, resource: server, traceId, clientAddress } = request;
  const { customerId } = caller;
  requireState(server);
  const id = request.newId();
  const content = typeof given === 'function' ? given(id) : given;
  const startedAt = services.clock.now();
  const reply = await createTask(
    services,
    log,
    {
      id,
      customerId,
      kind,
      title,
      initiator: initiatorOf(caller),
      request: { traceId, clientAddress },
      items: [server.id],
      waitsUntil: endOfServerTask(content.kind, startedAt),
    },
    (changes) => audit.commit(changes, { ...auditDetails(server), ...details }),
  );
  await prepare?.(id);
  // A crash before this leaves a task without a command, which fails when its time is over.
  await queueTaskCommand(services, { customerId, serverId: server.id, taskId: id, content, startedAt });
  return { ...reply, taskId: id };
}

/** When a task that waits for a command of this kind has ended at the latest. */
export function endOfServerTask(kind: CommandKind, startedAt: Date): Date {
  return after(startedAt, FETCH_SECONDS + kindSpec(kind).maxRunSeconds + MARGIN_SECONDS);
}

interface TaskCommand {
  customerId: string;
  serverId: string;
  /** Also the id of the command. */
  taskId: string;
  content: CommandContent;
  startedAt: Date;
}

/** Queues the command whose outcome ends the task; has no effect when that was done before. */
export async function queueTaskCommand(
  services: Pick<Services, 'database' | 'clock'>,
  { customerId, serverId, taskId, content, startedAt }: TaskCommand,
): Promise<void> {
  await queueCommand(services, {
    id: taskId,
    customerId,
    serverId,
    ...content,
    expiresAt: after(startedAt, FETCH_SECONDS),
    purpose: serverTaskCommands.name,
    replyTo: { customerId, taskId },
  });
}

/** What audit entries say of the server. */
export function auditDetails({ id, siteId, hostName }: Server): AuditDetails {
  return { serverId: id, siteId, target: { type: 'server', id, name: hostName } };
}

/** The server and the task that a successful command belongs to. */
export interface ServerTaskContext {
  services: Services;
  customerId: string;
  serverId: string;
  task: Task;
}

interface ServerTaskSpec<K extends CommandKind> {
  name: string;
  command: K;
  /** What to do when the server could not do it; follows its reason. */
  advice?: string;
  /**
   * Stores what the server has found out or done; may run more than once.
   * @returns details of the result, if any
   * @throws Problem of status 4xx when the result cannot be accepted: the task fails
   */
  onSuccess(context: ServerTaskContext, data: Extract<CommandData, { kind: K }>): Promise<string | undefined>;
  /** What the task shows as its result, where this is not simply the data of the command. */
  resultOf?(data: Extract<CommandData, { kind: K }>): CommandData;
  /** The old and the new value for the administrator log, where the server has changed anything. */
  changeOf?(data: Extract<CommandData, { kind: K }>): Pick<AuditDetails, 'old' | 'new'>;
  /** After a failure, with the reason; may run more than once. */
  onFailure?(context: ServerTaskContext, reason: Problem): Promise<void>;
}

/** A kind of task that ends with the outcome of one command of this kind. */
export function serverTaskKind<K extends CommandKind>(spec: ServerTaskSpec<K>): TaskKind {
  const hasData = (data: CommandData): data is Extract<CommandData, { kind: K }> =>
    data.kind === spec.command;
  return {
    name: spec.name,
    isCancelable: false,
    async work(services, { customerId, task }, serverId) {
      const context = { services, customerId, serverId, task };
      const ref = { customerId, taskId: task.id };
      try {
        const end = await findCommandEnd(services, customerId, serverId, task.id);
        const data = end && succeededData(end);
        if (!data || !hasData(data)) throw failureOf(end, spec.advice);
        const detail = await spec.onSuccess(context, data);
        if (spec.changeOf) await logOutcome(context, { outcome: 'succeeded', ...spec.changeOf(data) });
        const result = spec.resultOf?.(data) ?? data;
        await changeTask(services, ref, (known) => ({ ...known, result }));
        return detail;
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error;
        await spec.onFailure?.(context, error);
        await logOutcome(context, { outcome: 'failed', reason: error.detail });
        await changeTask(services, ref, (known) => ({ ...known, error: error.detail }));
        throw error;
      }
    },
  };
}

/** Logs once what came of a task: the entry of its request says only that it was started. */
async function logOutcome(
  { services, customerId, serverId, task: { id, kind, initiator, request } }: ServerTaskContext,
  outcome: Pick<AuditEntry, 'outcome' | 'reason' | 'old' | 'new'>,
): Promise<void> {
  await services.database.control(customerId).createIfAbsent(auditEntryType, {
    id: derivedId('server-task-outcome', id),
    at: services.clock.now().toISOString(),
    category: 'configuration',
    action: `server.${kind}.outcome`,
    by: initiator,
    address: request.clientAddress,
    authorised: true,
    traceId: request.traceId,
    serverId,
    target: { type: 'task', id },
    ...outcome,
  });
}

function succeededData({ status, data }: CommandEnd): CommandData | undefined {
  return status === 'succeeded' ? data : undefined;
}

function failureOf(end: CommandEnd | undefined, advice: string | undefined): Problem {
  if (!end) return new Problem('server-silent', 'The server did not say what became of it.');
  const { status, reason = 'it gave no reason: see the log of its cloud client' } = end;
  return status === 'expired'
    ? new Problem('server-silent', `The server did not do it: ${reason}.`)
    : new Problem(
        'server-failed',
        `The server could not do it: ${reason}${advice === undefined ? '' : `. ${advice}`}`,
      );
}

/** The commands of these tasks. */
export const serverTaskCommands: CommandPurpose = {
  name: 'serverTask',
  onOutcome: (services, { replyTo }, client) => startTask(services, refOf(replyTo), client),
  async onProgress(services, { replyTo, at, step, percent }) {
    const text = percent === undefined ? step : `${step} (${percent} %)`;
    await changeTask(services, refOf(replyTo), (task) => withNote(task, at, text));
  },
};

function refOf(replyTo: unknown): TaskRef {
  return taskRef.parse(replyTo);
}

function after(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000);
}
