/** A session event that waits until its time, its session, and what repeats it are known. */
import { type EventData } from '../../../functions/policies/engine/event';
import { type EventTypeId } from '../../../functions/policies/engine/event-types';
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
  /** In lower case. */
  readonly host: string;
  /** What stands for the record number in the event's id. */
  readonly number: string;
  readonly data: EventData;
  readonly actor: Actor;
  readonly duplicateKey?: DuplicateKey;
}

/** One that came ready-made. */
export interface PendingSessionEvent extends Pending {
  readonly kind: 'sessionEvent';
  readonly input: SessionEventInput;
}

export type PendingEvent = PendingLogEvent | PendingSessionEvent;
