/** What was done about one event: the rule that answered it, and how far each of its actions has come. */
import { documentType } from '../../shared/cosmos/document-type';
import type { Action, EventTypeId, MatchedTrigger, RecordingOptions } from '../policies/engine';

export const ACTION_STATES = ['pending', 'claimed', 'sent', 'done', 'skipped', 'failed'] as const;
export type ActionState = (typeof ACTION_STATES)[number];
/** States that an action never leaves. */
export type FinalState = Extract<ActionState, 'done' | 'skipped' | 'failed'>;

export interface ResponseAction {
  kind: Action;
  state: ActionState;
  /** How often it was begun. */
  attempts: number;
  /**
   * Pending: not to be begun before. Claimed: whoever began it is taken for dead from then on. Sent: its command must have
   * come to an end by then.
   */
  until?: string | undefined;
  /** Of whoever has claimed it, to know the claim again. */
  claimId?: string | undefined;
  /** Why it was skipped, failed, or is tried again. */
  reason?: string | undefined;
  /** Of a mail: its account's turn had not come, and it was put off. */
  hasWaited?: boolean | undefined;
  /** Of a mail: who has yet to get it; absent: everybody. */
  remaining?: string[] | undefined;
  /** Of a mail: whom the server refused for good, and what it said. */
  refused?: string[] | undefined;
  /** When its command was queued for the recording server. */
  sentAt?: string | undefined;
  finishedAt?: string | undefined;
  /** The command that carries it out. */
  commandId?: string | undefined;
}

/** One document per event that something is done about: the gate that keeps it from being done twice. */
export interface EventResponse {
  /** The event's id. */
  id: string;
  siteId: string;
  sessionId: string;
  serverId: string;
  eventType: EventTypeId;
  eventTime: string;
  /** When it was decided; RFC 3339 UTC. */
  at: string;
  policyId: string;
  policyVersion: number;
  ruleId: string;
  ruleName: string;
  triggers: MatchedTrigger[];
  recipients: string[];
  recordingOptions: RecordingOptions;
  operationDelaySeconds: number;
  /** In the order in which they are carried out. */
  actions: ResponseAction[];
  /** Of its actions, see `searchedBy`. */
  searchedBy: string[];
  /** When an action that is not finished has to be looked after; absent when all are. */
  dueAt?: string | undefined;
}

/** By what a response is found: kind and state of each action, alone (`failed`) and together (`sendEmail failed`). */
export function searchedBy(actions: readonly Pick<ResponseAction, 'kind' | 'state'>[]): string[] {
  return [...new Set(actions.flatMap(({ kind, state }) => [kind, state, `${kind} ${state}`]))];
}

export const eventResponseType = documentType<EventResponse>('response');
