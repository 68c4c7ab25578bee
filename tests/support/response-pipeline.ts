/** The event pipeline against a real database in memory, whose process can be crashed by a test. */
import type { MailMessage, sendSmtp } from '../../shared/mail/smtp';
import type { Middleware } from '../../infra/local/cosmos/message';
import { activityFeed } from './logs';
import { MemoryBlobs, MemoryQueues, MemoryTopic } from './memory-storage';
import { CONTOSO } from './test-issuer';
import { startTestServices, type TestServices } from './test-services';
import { countedOccurrenceType, occurrenceId } from '../../shared/activity/report-activity';
import { derivedId, monthOfSession, newSessionId } from '../../shared/ids';
import { wireId } from '../../shared/cosmos/document-type';
import { openMonth, sessionMonthKey } from '../../shared/months/customer-months';
import type { Services } from '../../shared/services';
import { lineLog } from '../../shared/telemetry/telemetry';
import { rateRecordingsQueue } from '../../shared/recordings/rate-recordings-queue';
import { type Session, sessionType } from '../../functions/sessions/session';
import { type Command, commandResultsQueue, commandType } from '../../functions/servers/commands/command';
import { expireCommands, finishCommand } from '../../functions/servers/commands/finish-command';
import { takeCommandReport } from '../../functions/servers/commands/command-purpose';
import { heartbeatAt, heartbeatType } from '../../functions/servers/heartbeat';
import { leaseCommands } from '../../functions/servers/commands/lease-commands';
import { siteCreation } from '../../functions/sites';
import { siteSettings, siteSettingsType } from '../../functions/sites/site-settings';
import { type Action, ACTIONS, type SessionEvent } from '../../functions/policies/engine';
import { writePolicyBody } from '../../functions/policies/versions/policy-bodies';
import { publishBatch } from '../../functions/sessions/publish-batch';
import type { ActionRef } from '../../functions/responses/action-queue';
import { occurrenceOf } from '../../functions/responses/action-store';
import { type EventResponse, eventResponseType } from '../../functions/responses/event-response';
import { respondToEvents } from '../../functions/responses/respond-to-events';
import { resumeResponses } from '../../functions/responses/resume-responses';
import { responseCommands } from '../../functions/responses/take-command-result';
import { giveUpAction, workOnAction } from '../../functions/responses/work-on-action';
import { samplePolicy, sampleSession } from './response-samples';

const SITE = '019bc17a-0000-7000-8000-000000000001';
const SERVER = '019bc17a-0000-7000-8000-000000000002';
export const ALL_ACTIONS: Action[] = ['startScreenRecording', 'sendEmail', 'lockSession'];
/** What was logged, in turn; each pipeline clears it when it is reset. */
const lines: string[] = [];
export const log = lineLog((line) => lines.push(line));
const refused = () => Promise.reject(new Error('there are no orchestrations here'));
const noOrchestrations = { raiseEvent: refused, startNew: refused, getStatus: refused };

interface Given {
  actions?: Action[];
  record?: Session['decision']['record'];
  state?: Session['state'];
  delaySeconds?: number;
  recipients?: string;
  /** To which part of its recording the session has rolled over. */
  part?: number;
  /** Of the recording server, when the session began. */
  serverVersion?: string;
}

/** An event that was published, and its session. */
export interface Published {
  session: Session;
  event: SessionEvent;
  batch: Parameters<typeof publishBatch>[1];
}

export class ResponsePipeline {
  readonly queues = new MemoryQueues();
  readonly topic = new MemoryTopic();
  readonly services: Services;
  /** The number of steps until the process crashes: every external call counts before and after it. */
  stepsLeft = Infinity;
  /** The recording server's answer to a command; undefined: none. */
  serverAnswers: (command: Command) => { status: 'succeeded' | 'failed'; reason?: string } | undefined = () =>
    undefined;

  private constructor(private readonly test: TestServices) {
    this.services = {
      ...test.services,
      blobs: new MemoryBlobs().asStore(),
      queues: this.queues.asQueues(),
      events: this.topic.asPublisher(),
    };
  }

  /** With a site that has a mail server, and a registered server. */
  static async start(): Promise<ResponsePipeline> {
    const pipeline = new ResponsePipeline(await startTestServices());
    const site = { id: SITE, name: 'Site', description: '', origin: 'created' as const };
    await pipeline.services.database
      .control(CONTOSO)
      .commit(siteCreation({ ...site, createdAt: '2030-01-01T00:00:00.000Z' }));
    await pipeline.configureMail(true);
    const now = pipeline.services.clock.now();
    await pipeline.services.database
      .presence(CONTOSO, SERVER)
      .upsert(heartbeatType, heartbeatAt(now, now.toISOString(), undefined, undefined));
    pipeline.queues.beforeSend = () => {
      pipeline.step();
    };
    pipeline.reset();
    return pipeline;
  }

  close(): Promise<void> {
    return this.test.close();
  }

  /** Clears all faults and all pending work. */
  reset(): void {
    this.stepsLeft = Infinity;
    lines.length = 0;
    this.serverAnswers = () => ({ status: 'succeeded' });
    this.queues.sent.length = 0;
    this.topic.published.length = 0;
    this.test.injectFault(this.crashAfterSteps);
  }

  /** Clears all faults and all pending work, and the mail server accepts every mail; returns the list of accepted mails. */
  resetWith(smtp: jest.MockedFunction<typeof sendSmtp>): MailMessage[] {
    this.reset();
    const mails: MailMessage[] = [];
    smtp.mockReset();
    smtp.mockImplementation(async (_account, message) => {
      this.step();
      mails.push(message);
      this.step();
      return { refused: [] };
    });
    return mails;
  }

  step(): void {
    if (--this.stepsLeft < 0) throw new Error('the process is dead');
  }

  private readonly crashAfterSteps: Middleware = async (request, next) => {
    this.step();
    const response = await next(request);
    this.step();
    return response;
  };

  /** Requests to the database go through it until the next `reset`. */
  injectFault(fault: Middleware): void {
    this.test.injectFault(fault);
  }

  /** The lines logged about actions of an event that have failed for good. */
  failuresLogged({ event }: Published): unknown[] {
    return lines
      .map((line) => JSON.parse(line) as { event: string; eventId?: string })
      .filter((line) => line.event === 'action.given-up' && line.eventId === event.id);
  }

  advanceSeconds(seconds: number): void {
    this.test.clock.advanceSeconds(seconds);
  }

  async configureMail(isConfigured: boolean): Promise<void> {
    const smtp = { host: 'smtp.contoso.example' };
    const emailAlerts = { smtp, sender: { address: 'alerts@contoso.example' } };
    const settings = siteSettings.parse({ emailThreshold: 100, ...(isConfigured ? { emailAlerts } : {}) });
    await this.services.database.control(CONTOSO).upsert(siteSettingsType, { id: SITE, ...settings });
  }

  /** Publishes an event that a policy answers with these actions, beside another event of the session. */
  async publishEvent(given: Given = {}): Promise<Published> {
    const { actions = ALL_ACTIONS, record = 'eventsOnly', state = 'live', delaySeconds = 0 } = given;
    const now = this.test.clock.now();
    const owner = { customerId: CONTOSO, siteId: SITE, serverId: SERVER };
    const started = { id: newSessionId(now), startedAt: now.toISOString(), state };
    const session = sampleSession({ ...owner, ...started }, record);
    session.serverVersion = given.serverVersion;
    if (given.part !== undefined)
      session.rollOver = {
        part: given.part,
        at: started.startedAt,
        outcome: 'continues',
        showNotification: false,
      };
    await openMonth(this.services, CONTOSO, monthOfSession(session.id));
    const month = await sessionMonthKey(this.services, CONTOSO, session.id);
    await this.services.database.recordings(CONTOSO, month).create(sessionType, session);
    const policyId = derivedId(...actions, String(delaySeconds), given.recipients ?? '');
    const policyVersion = { policyId, version: 1 };
    const policy = samplePolicy(actions, delaySeconds, given.recipients);
    await writePolicyBody(this.services, CONTOSO, SITE, policyVersion, policy);
    const event: SessionEvent = {
      id: derivedId('event', session.id),
      type: 'appStart',
      time: session.startedAt,
      data: { appName: 'regedit.exe' },
    };
    const other: SessionEvent = { ...event, id: derivedId('other', session.id), type: 'appEnd' };
    const named = { ...owner, sessionId: session.id, batchId: session.id };
    const batch = { ...named, receivedAt: session.startedAt, policyVersion, events: [event, other] };
    await publishBatch(this.services, batch);
    return { session, event, batch };
  }

  /**
   * Delivers everything until nothing is left, as Event Grid, the queues and the clock would; returns the number of
   * crashes.
   */
  async settle(): Promise<number> {
    let deaths = 0;
    const deliveries = [...this.topic.published];
    for (let round = 0; round < 60; round++) {
      for (const event of deliveries.splice(0)) {
        await respondToEvents(this.services, event, log).catch(() => deliveries.push(event));
      }
      const sent = this.queues.sent.splice(0);
      for (const { queue, message } of sent) {
        await this.workOnMessage(queue, message).catch(() => this.queues.sent.push({ queue, message }));
      }
      await this.actAsServer().catch(() => undefined);
      await expireCommands(this.services, log).catch(() => undefined);
      await resumeResponses(this.services, log).catch(() => undefined);
      if (this.stepsLeft < 0) {
        // Another process is started in its place. What it had in the queue may be lost; the sweep recovers it.
        deaths++;
        this.stepsLeft = Infinity;
        this.queues.sent.length = 0;
      } else if (deliveries.length === 0 && this.queues.sent.length === 0 && !(await this.isAnythingDue()))
        return deaths;
      this.advanceSeconds(100);
    }
    throw new Error('the pipeline does not become idle');
  }

  /** Operations with a notice are discarded. */
  async workOnMessage(queue: string, message: unknown): Promise<void> {
    if (queue === commandResultsQueue.name)
      return takeCommandReport([responseCommands])(
        this.services,
        commandResultsQueue.message.parse(message),
        noOrchestrations,
        log,
      );
    // What a response says of its recording is no part of the pipeline.
    if (queue === rateRecordingsQueue.name) return;
    const ref = message as ActionRef;
    return queue.endsWith('-poison')
      ? giveUpAction(this.services, ref, log)
      : workOnAction(this.services, ref, async () => undefined, log);
  }

  /** Fetches commands as the recording server does, and answers them. */
  async actAsServer(): Promise<void> {
    for (const command of await leaseCommands(this.services, CONTOSO, SERVER)) {
      const answer = this.serverAnswers(command);
      const target = { customerId: CONTOSO, serverId: SERVER, commandId: command.id };
      if (answer) await finishCommand(this.services, { ...target, ...answer });
    }
  }

  private async isAnythingDue(): Promise<boolean> {
    this.stepsLeft = Infinity;
    const query = 'SELECT c.id FROM c WHERE c.dueAt > @then';
    const due = this.services.database.sweep('responses', query, [{ name: '@then', value: '2000' }]);
    for await (const _ of due) return true;
    return false;
  }

  async responseTo({ session, event }: Published): Promise<EventResponse> {
    const month = await sessionMonthKey(this.services, CONTOSO, session.id);
    const response = await this.services.database
      .responses(CONTOSO, SITE, month)
      .read(eventResponseType, event.id);
    if (!response) throw new Error('there is no response');
    return response;
  }

  async commands({ session }: Published): Promise<Command[]> {
    const all = await this.services.database.presence(CONTOSO, SERVER).list(commandType, { limit: 1_000 });
    return all.filter(({ sessionId }) => sessionId === session.id);
  }

  /** The activity feed's entries about the event. */
  async feed({ event }: Published): Promise<string[]> {
    const kinds = ['response.failed', 'response.skipped'] as const;
    const own = kinds.flatMap((kind) =>
      ACTIONS.map((action) =>
        wireId(
          countedOccurrenceType,
          occurrenceId({ kind, occurrence: occurrenceOf({ eventId: event.id, action }) }),
        ),
      ),
    );
    const log = await this.test.stored('log');
    const events = await activityFeed(this.services);
    return log
      .map((text) => JSON.parse(text) as { id: string; activityId?: string })
      .filter(({ id }) => own.includes(id))
      .map(({ activityId }) => events.find(({ id }) => id === activityId)?.message ?? 'nothing');
  }
}

/** Kind, state and reason of each action. */
export function statesOf({ actions }: EventResponse) {
  return actions.map(({ kind, state, reason }) => [kind, state, reason]);
}
