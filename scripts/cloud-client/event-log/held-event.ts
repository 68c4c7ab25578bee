/** A session event that waits until its time, its session, and what repeats it are known. */
import type { EventData, EventTypeId } from '../../../functions/policies/engine';
import { type Actor } from './actor';
import { type TwinKey } from './detect';
import { type Moment } from './moments';
import { type ReadyEvent } from './ready-event';

interface Held {
  readonly type: EventTypeId;
  readonly moment: Moment;
  readonly channel: string;
  readonly eventId?: number;
}

/** One found in a log. */
export interface HeldLogEvent extends Held {
  readonly kind: 'log';
  /** In lower case. */
  readonly host: string;
  /** What stands for the record number in the event's id. */
  readonly number: string;
  readonly data: EventData;
  readonly actor: Actor;
  readonly twin?: TwinKey;
}

/** One that came ready-made. */
export interface HeldReadyEvent extends Held {
  readonly kind: 'ready';
  readonly ready: ReadyEvent;
}

export type HeldEvent = HeldLogEvent | HeldReadyEvent;
