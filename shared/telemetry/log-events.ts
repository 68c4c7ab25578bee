/** The catalogue of log events: every line that the app writes carries one of these ids. `docs/log-events.md` lists them. */

export type LogLevel = 'info' | 'warn' | 'error';

interface LogEventDefinition {
  /** Where more than one is possible, the line's own level says which. */
  readonly levels: readonly LogLevel[];
  /** One sentence for operators of the service. */
  readonly meaning: string;
}

/** An id never changes its meaning: alerts and queries are built on it. */
export const LOG_EVENTS = {
  'request.refused': {
    levels: ['info', 'warn'],
    meaning: 'A request was answered with 4xx; `warn` when it was forbidden or one of too many.',
  },
  'request.failed': {
    levels: ['error'],
    meaning: 'A request was answered with 5xx, or not within its deadline.',
  },
  'request.slow': {
    levels: ['warn'],
    meaning: 'A request succeeded, but took longer than `SLOW_REQUEST_SECONDS`.',
  },
  'request.finished-late': {
    levels: ['warn'],
    meaning: 'Work of a request ended after its deadline: the caller had already received 503.',
  },
  'request.failure-not-recorded': {
    levels: ['error'],
    meaning: 'A request failed, and its audit entry and its idempotency mark could not be updated.',
  },
  'recording.not-rated': {
    levels: ['warn'],
    meaning:
      'The points of interest of a recording could not be computed in several attempts; it has no score, or its last one.',
  },
  'events.too-costly': {
    levels: ['warn'],
    meaning:
      'An event got no response, because the patterns of the response policy would take too long on it; the activity feed counts such events.',
  },
  'session.not-compacted': {
    levels: ['warn', 'error'],
    meaning:
      'Events and samples of a session could not be made an archive; they stay readable, and a sweep retries it.',
  },
  'session.not-rated': {
    levels: ['error'],
    meaning: 'Late events of a session could not be counted in its recordings; a sweep retries it.',
  },
  'trigger.failed': {
    levels: ['error'],
    meaning:
      'A function started by a timer, a queue, Event Grid or an orchestration failed; its trigger retries it.',
  },
  'action.failed': {
    levels: ['error'],
    meaning:
      'An attempt to execute an action of a response failed; it is retried up to the maximum number of attempts.',
  },
  'action.given-up': {
    levels: ['warn'],
    meaning:
      'An action of a response failed in its last attempt; the response and the activity feed contain the reason.',
  },
  'action.not-recorded': {
    levels: ['error'],
    meaning: 'An action was executed, but its result could not be stored yet; the write is retried.',
  },
  'response.not-resumed': {
    levels: ['error'],
    meaning: 'A response with unfinished actions could not be resumed; the next sweep retries it.',
  },
  'responses.resumed': {
    levels: ['info'],
    meaning: 'A sweep sent the unfinished actions of some responses again.',
  },
  'events.policy-version-gone': {
    levels: ['warn'],
    meaning:
      'Events refer to a version of an event response policy that no longer exists; they got no response.',
  },
  'command-result.not-delivered': {
    levels: ['warn'],
    meaning:
      'A report about a command did not reach what waits for it, which looks the command up after the timeout.',
  },
  'command.not-delivered': {
    levels: ['error'],
    meaning:
      'A command could not be completed for its delivery: it failed if it never can be, else it is delivered when its lease has ended.',
  },
  'command.not-expired': {
    levels: ['error'],
    meaning: 'An expired command could not be ended; the next sweep retries it.',
  },
  'server.not-marked-offline': {
    levels: ['error'],
    meaning: 'A server without heartbeats could not be marked as offline; the next sweep retries it.',
  },
  'server.illegal-transition': {
    levels: ['warn'],
    meaning:
      'Something happened to a server that its state does not allow (docs/server-states.md); it is refused.',
  },
  'site.cleanup-not-started': {
    levels: ['error'],
    meaning:
      'The cleanup of a deleted site could not be started at once; its schedule starts it within minutes.',
  },
  'log.not-moved': {
    levels: ['error'],
    meaning:
      "A customer's audit entries and activity events could not be moved from `control` to `log`; the next run retries it.",
  },
  'month.not-prepared': {
    levels: ['error'],
    meaning: "A customer's next month could not be created in advance; the next run retries it.",
  },
  'service.was-away': {
    levels: ['warn'],
    meaning: 'A sweep missed a run: missing heartbeats do not count until a full period has passed.',
  },
  'node.too-old': {
    levels: ['warn'],
    meaning:
      'The app runs in Azure on an older Node than it is made for: set the runtime of the function app.',
  },
  'timer.overdue': {
    levels: ['warn'],
    meaning:
      'The health operation found a timer whose last complete run is more than five minutes later than its period.',
  },
  'task.not-queued': {
    levels: ['error'],
    meaning:
      'A task was created, but the message that starts it could not be sent; the sweep of tasks sends it.',
  },
  'task.not-started': {
    levels: ['warn'],
    meaning: 'A task could not be started in several attempts; the sweep of tasks retries it for a day.',
  },
  'installation.not-queued': {
    levels: ['error'],
    meaning:
      'An installation was started, but its command could not be queued; the sweep of installations queues it.',
  },
  'installation.not-resumed': {
    levels: ['error'],
    meaning: 'A due installation could not be resumed or ended; the next sweep retries it.',
  },
  'secret.not-removed': {
    levels: ['error'],
    meaning: 'A temporary secret could not be removed from the secret store; the next sweep retries it.',
  },
  'upgrade.not-queued': {
    levels: ['error'],
    meaning:
      'An upgrade of a cloud client was started, but its command could not be queued; the sweep of upgrades queues it.',
  },
  'upgrade.not-resumed': {
    levels: ['error'],
    meaning: 'A due upgrade of a cloud client could not be resumed or ended; the next sweep retries it.',
  },
  'task.not-resumed': {
    levels: ['error'],
    meaning: 'A task without progress could not be resumed; the next sweep retries it.',
  },
  'tasks.resumed': {
    levels: ['info'],
    meaning: 'A sweep restarted tasks without progress.',
  },
  'schedule.not-started': {
    levels: ['error'],
    meaning: 'The due run of a schedule could not be started; the next sweep retries it.',
  },
  'schedule.run-given-up': {
    levels: ['warn'],
    meaning:
      'The run of a schedule failed in every attempt; the activity feed reports it, and the next run takes place as planned.',
  },
  'maintenance.item-failed': {
    levels: ['error'],
    meaning:
      'A recording could not be archived or deleted by schedule in several attempts; its task says so, and the next run retries it.',
  },
  'upload.not-maintained': {
    levels: ['error'],
    meaning:
      'An upload that was abandoned, verified, or not verified in time could not be processed; the next sweep retries it.',
  },
  'staged-file.not-removed': {
    levels: ['error'],
    meaning:
      'The staged copy of a file that stays on its server could not be removed; the next sweep retries it.',
  },
  'restriction.not-copied': {
    levels: ['error'],
    meaning:
      'Restriction or legal hold of a session could not be copied to all of its recordings, or what is left of a deleted one could not be removed; the next sweep retries it.',
  },
  'secure-client.not-watched': {
    levels: ['error'],
    meaning:
      'The expiry of the secrets of an older secure client is not monitored yet; the next sweep retries it.',
  },
  'prices.snapshot-used': {
    levels: ['warn'],
    meaning:
      "Azure's price list was unavailable or lacked a price; an estimate used the built-in price for it.",
  },
} as const satisfies Record<string, LogEventDefinition>;

/** The id of a log event. */
export type LogEvent = keyof typeof LOG_EVENTS;

/** The events that may be logged at a level. */
export type LogEventAt<Level extends LogLevel> = {
  [Event in LogEvent]: Level extends (typeof LOG_EVENTS)[Event]['levels'][number] ? Event : never;
}[LogEvent];
