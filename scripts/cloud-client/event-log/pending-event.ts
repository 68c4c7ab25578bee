/** A session event that is held until its time, its session and its duplicates are known. */
import type { EventData, EventTypeId } from '../../../functions/policies/engine';
import { type Actor } from './actor';
import { type DuplicateKey } from './detect';
import { type Timestamp } from './timestamps';
import { type SessionEventInput } from './session-event-input';

interface Pending {
  readonly type: EventTypeId;
  readonly timestamp: Timestamp;
  readonly channel: string;
  readonly eventId?: number;
}

/** One found in a log. */
export interface PendingLogEvent extends Pending {
  readonly kind: 'log';
  /** In lower case, as this record spells it. */
  readonly host: string;
  /** What stands for the record number in the event's id. */
  readonly number: string;
  readonly data: EventData;
  readonly actor: Actor;
  /** The SID of the account acted on, where another record's name for it replaces this one's. */
  readonly accountSid?: string;
  readonly duplicateKey?: DuplicateKey;
}

/** One that was supplied as a session event. */
export interface PendingSessionEvent extends Pending {
  readonly kind: 'sessionEvent';
  readonly input: SessionEventInput;
}

export type PendingEvent = PendingLogEvent | PendingSessionEvent;
