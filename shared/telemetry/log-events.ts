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
    meaning: 'What a request had begun ended after its deadline, when the caller had been answered with 503.',
  },
  'request.failure-not-recorded': {
    levels: ['error'],
    meaning:
      'A request failed, and neither its audit entry nor its idempotency mark could be brought up to date.',
  },
  'events.too-costly': {
    levels: ['warn'],
    meaning:
      'An event got no response, because the patterns of the response policy would take too long on it; the activity feed counts such events.',
  },
  'trigger.failed': {
    levels: ['error'],
    meaning:
      'A function that a timer, a queue, Event Grid or an orchestration started failed; it runs again as its trigger says.',
  },
  'action.failed': {
    levels: ['error'],
    meaning:
      'An attempt to carry out an action of a response failed; another one follows while attempts are left.',
  },
  'action.given-up': {
    levels: ['warn'],
    meaning: 'An action of a response has failed for good; the response and the activity feed tell why.',
  },
  'action.not-recorded': {
    levels: ['error'],
    meaning: 'An action was carried out, but that could not be written down yet; the write is repeated.',
  },
  'response.not-resumed': {
    levels: ['error'],
    meaning:
      'A response with unfinished actions could not be taken up again; the next sweep tries once more.',
  },
  'responses.resumed': {
    levels: ['info'],
    meaning: 'A sweep sent the unfinished actions of some responses again.',
  },
  'events.policy-version-gone': {
    levels: ['warn'],
    meaning:
      'Events named a version of an event response policy that no longer exists; nothing was done about them.',
  },
  'command-result.not-delivered': {
    levels: ['warn'],
    meaning: 'The result of a command did not reach its response; the response reads it after the timeout.',
  },
  'command.not-expired': {
    levels: ['error'],
    meaning: 'A command whose time is over could not be ended; the next sweep tries once more.',
  },
  'server.not-marked-offline': {
    levels: ['error'],
    meaning: 'A silent server could not be marked as offline; the next sweep tries once more.',
  },
  'server.illegal-transition': {
    levels: ['warn'],
    meaning: 'A server was to take a status that cannot follow the one it has; it keeps that.',
  },
  'log.not-moved': {
    levels: ['error'],
    meaning:
      "A customer's audit entries and activity events could not be moved from `control` to `log`; the next run tries again.",
  },
  'month.not-prepared': {
    levels: ['error'],
    meaning: "A customer's next month could not be listed ahead of time; the next run tries again.",
  },
  'service.was-away': {
    levels: ['warn'],
    meaning: 'A sweep missed a run: silence of servers does not count until a whole period has passed.',
  },
  'task.not-queued': {
    levels: ['error'],
    meaning:
      'A task was created, but the message that starts it could not be sent; the sweep of tasks sends it.',
  },
  'task.not-started': {
    levels: ['warn'],
    meaning: 'A task could not be started in several attempts; the sweep of tasks tries again, for a day.',
  },
  'task.not-resumed': {
    levels: ['error'],
    meaning: 'A task that made no progress could not be looked after; the next sweep tries once more.',
  },
  'tasks.resumed': {
    levels: ['info'],
    meaning: 'A sweep sent the start of some tasks again that made no progress.',
  },
  'schedule.not-started': {
    levels: ['error'],
    meaning: 'The run of a schedule that is due could not be started; the next sweep tries once more.',
  },
  'schedule.run-given-up': {
    levels: ['warn'],
    meaning:
      'The run of a schedule failed in every attempt; the activity feed says so, and the next run comes as planned.',
  },
  'restriction.not-copied': {
    levels: ['error'],
    meaning:
      'The restriction of a session could not be copied to all of its recordings; the next sweep tries once more.',
  },
  'secure-client.not-watched': {
    levels: ['error'],
    meaning:
      'The secrets of an older secure client are not watched for their expiry yet; the next sweep tries once more.',
  },
  'prices.snapshot-used': {
    levels: ['warn'],
    meaning: "Azure's price list was unavailable; an estimate used the built-in prices.",
  },
} as const satisfies Record<string, LogEventDefinition>;

/** The id of a log event. */
export type LogEvent = keyof typeof LOG_EVENTS;

/** The events that may be logged at a level. */
export type LogEventAt<Level extends LogLevel> = {
  [Event in LogEvent]: Level extends (typeof LOG_EVENTS)[Event]['levels'][number] ? Event : never;
}[LogEvent];
