/**
 * How to have a server do something, and learn what came of it:
 *
 * 1. Declare a `CommandPurpose` and list it in `functions/app.ts`. Its name is stored: never change it.
 * 2. `await queueCommand(services, { id, customerId, serverId, kind, parameters, expiresAt, purpose: mine.name, replyTo })`.
 *    `id` is the idempotency key: derive it from what asks, so that a repetition queues nothing twice. `expiresAt`: the
 *    server does not start it later. `replyTo`: texts that name what waits (ids, never a secret). What is secret is queued as
 *    the name of a secret (`passwordSecret`) and added when the command is delivered.
 * 3. `onProgress` is called for the progress reports of the server, `onOutcome` with the outcome: `succeeded` with the
 *    kind's `data`, `failed` or `expired` with a reason. An outcome always comes, at the latest when the kind's
 *    `maxRunSeconds` are over. Both are called at least once, in any order: compare `at`, and be idempotent.
 *
 * An orchestration waits by an external event that `onOutcome` raises; it looks at `findCommandEnd` once when its own
 * timer ends, should the message have been lost. `queueCommand` itself belongs into an activity.
 */
import type { DurableClient } from 'durable-functions';
import type { z } from 'zod';
import type { Services } from '../../../shared/services';
import type { Log } from '../../../shared/telemetry/telemetry';
import type { CommandEnd, CommandProgress, CommandReplyTo, commandResultsQueue } from './command';

type CommandReport = z.output<typeof commandResultsQueue.message>;

/** Which command a report is about, and who waits. */
export interface ReportedCommand {
  commandId: string;
  replyTo: CommandReplyTo;
}

export type CommandOutcomeReport = ReportedCommand & CommandEnd;
export type CommandProgressReport = ReportedCommand & CommandProgress;

/** What a purpose may ask of orchestrations. */
type Orchestrations = Pick<DurableClient, 'raiseEvent' | 'startNew' | 'getStatus'>;

export interface CommandPurpose {
  /** Stored with every command that is queued for it. */
  readonly name: string;
  /** Takes the outcome; what it throws has the report delivered again, five times in all. */
  onOutcome(
    services: Services,
    outcome: CommandOutcomeReport,
    client: Orchestrations,
    log: Log,
  ): Promise<void>;
  onProgress?(services: Services, progress: CommandProgressReport, log: Log): Promise<void>;
}

/** The purpose of commands that were queued before purposes had names. */
const FIRST_PURPOSE = 'response';

/** The handler of reports for these purposes. */
export function takeCommandReport(purposes: readonly CommandPurpose[]) {
  return async (
    services: Services,
    report: CommandReport,
    client: Orchestrations,
    log: Log,
  ): Promise<void> => {
    const { purpose: name = FIRST_PURPOSE, commandId, replyTo } = report;
    const purpose = purposes.find((known) => known.name === name);
    if (!purpose) throw new Error(`there is no purpose ${name}`);
    if (report.status !== 'running') {
      const { status, reason, data } = report;
      return purpose.onOutcome(services, { commandId, replyTo, status, reason, data }, client, log);
    }
    const { at, step, percent } = report;
    await purpose.onProgress?.(services, { commandId, replyTo, at, step, percent }, log);
  };
}

/** Drops a report that could not be delivered: what waits for it looks the command up when it is overdue. */
export async function dropCommandReport(
  _services: unknown,
  { commandId, status }: CommandReport,
  log: Log,
): Promise<void> {
  log.warn('command-result.not-delivered', { commandId, status });
}
