/** What a recording server has to deliver, and the request that delivers each kind of it. */
import type { SessionEvent, SessionFacts } from '../../functions/policies/engine';
import { type Connection, RejectedError } from './connection';
import type { PersistentMap } from './persistent-map';
import type { LiveUploads } from './live-uploads';
import { type RecordingUpload, uploadRecording } from './upload-recording';

export interface StartedSession {
  sessionId: string;
  decision: {
    action: string;
    record: 'full' | 'eventsOnly' | 'none';
    eventTypes: string[];
    ruleName: string;
    /** Whether samples of its performance are wanted. */
    logPerformanceData?: boolean;
  };
  /** Whether its end was delivered. */
  ended?: boolean;
}

export interface RecordingDelivery {
  kind: 'recording';
  sessionKey: string;
  part: number;
  container: 'mp4' | 'webm' | 'events';
  startedAt: string;
  endedAt: string;
  /** Path of the finished file; it must stay until it is delivered. */
  file: string;
}

/** An item that must reach the service. Each carries the id that makes sending it again harmless. */
export type Delivery =
  | { kind: 'sessionStart'; sessionKey: string; startedAt: string; facts: SessionFacts }
  | { kind: 'events'; sessionKey: string; batchId: string; events: SessionEvent[] }
  | RecordingDelivery
  | { kind: 'sessionEnd'; sessionKey: string; endedAt: string };

/** A delivery that the service has rejected for good. */
export interface RejectedDelivery {
  kind: Delivery['kind'];
  sessionKey: string;
  /** What is lost with it; empty for anything but events. */
  events: readonly SessionEvent[];
}

export interface DeliveryTarget {
  connection: Connection;
  serverId: string;
  sessions: PersistentMap<StartedSession>;
  /** The refusal of a session that the service did not take: the reason why nothing of it can be delivered. */
  refusalOf: (sessionKey: string) => RejectedError | undefined;
  /** Whether the start of the session is still to be delivered. */
  isStartPending: (sessionKey: string) => boolean;
  /** The uploads that were begun while their files grew. */
  live: LiveUploads;
  /** Commands are likely for this long. */
  pollCommandsFor: (seconds: number) => void;
  signal: AbortSignal;
}

/** Delivers one item. @throws RejectedError when the service refuses it; other errors are to be retried */
export async function send(delivery: Delivery, target: DeliveryTarget): Promise<void> {
  const { connection, serverId, sessions, signal } = target;
  if (delivery.kind === 'sessionStart') {
    const { kind: _kind, ...start } = delivery;
    const body = { serverId, ...start };
    const answer = await connection.call<StartedSession>('POST', '/sessions', { body, signal });
    sessions.set(delivery.sessionKey, answer.body);
    return;
  }
  const session = sessionOf(delivery.sessionKey, target);
  const { sessionId } = session;
  switch (delivery.kind) {
    case 'events': {
      const body = { batchId: delivery.batchId, sessionId, events: delivery.events };
      const answer = await connection.call<{ pollCommandsSeconds: number }>('POST', '/events', {
        body,
        gzip: true,
        signal,
      });
      if (answer.body.pollCommandsSeconds > 0) target.pollCommandsFor(answer.body.pollCommandsSeconds);
      return;
    }
    case 'recording':
      await completeUpload(target, { ...delivery, sessionId });
      return;
    case 'sessionEnd':
      await connection.call('POST', `/sessions/${sessionId}/end`, {
        body: { endedAt: delivery.endedAt },
        signal,
      });
      sessions.set(delivery.sessionKey, { ...session, ended: true });
  }
}

/** What was begun live is completed live, unless its file has changed: everything else is uploaded in blocks. */
async function completeUpload({ connection, live, signal }: DeliveryTarget, upload: RecordingUpload) {
  if ((await live.complete(upload, signal)) === undefined) await uploadRecording(connection, upload, signal);
}

function sessionOf(sessionKey: string, target: DeliveryTarget): StartedSession {
  const session = target.sessions.get(sessionKey);
  if (session) return session;
  if (target.isStartPending(sessionKey)) throw new Error(`the session ${sessionKey} is not started yet`);
  throw (
    target.refusalOf(sessionKey) ??
    new RejectedError(404, 'unknown-session', `the session ${sessionKey} was not started`)
  );
}
