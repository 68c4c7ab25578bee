/** The response to one event: the rule that decided, and the state of each of its actions. */
import { days, documentType } from '../../shared/cosmos/document-type';
import type { Action, EventTypeId, MatchedTrigger, RecordingOptions } from '../policies/engine';
import type { ReasonCode } from './reason';

export const ACTION_STATES = ['pending', 'claimed', 'sent', 'done', 'skipped', 'failed'] as const;
export type ActionState = (typeof ACTION_STATES)[number];
/** States that an action never leaves. */
export type FinalState = Extract<ActionState, 'done' | 'skipped' | 'failed'>;

interface ActionFacts {
  kind: Action;
  /** How many attempts have begun. */
  attempts: number;
  /** Why it was skipped, failed, or is tried again: for administrators. */
  reason?: string | undefined;
  /** The same for programs. */
  reasonCode?: ReasonCode | undefined;
  /** Mail: it was deferred because the rate limit of its account was reached. */
  hasWaited?: boolean | undefined;
  /** Mail: recipients that do not have it yet; absent: all. */
  remaining?: string[] | undefined;
  /** Mail: recipients that the mail server refused permanently, with its answer. */
  refused?: string[] | undefined;
  /** When its command was queued for the recording server. */
  sentAt?: string | undefined;
  /** The command that carries it out. */
  commandId?: string | undefined;
}

/** Waits for a worker. */
export interface PendingAction extends ActionFacts {
  state: 'pending';
  /** Not to be begun before this instant. */
  notBefore?: string | undefined;
}

/** A worker carries it out. */
export interface ClaimedAction extends ActionFacts {
  state: 'claimed';
  /** Identifies this claim among all. */
  claimId: string;
  /** The worker is considered lost from this instant on. */
  leasedUntil: string;
}

/** A recording server carries it out. */
export interface SentAction extends ActionFacts {
  state: 'sent';
  /** From this instant on the result of its command is looked up. */
  resultDueAt: string;
}

export interface FinishedAction extends ActionFacts {
  state: FinalState;
  finishedAt: string;
}

export type ResponseAction = PendingAction | ClaimedAction | SentAction | FinishedAction;

/** One document per event that a rule acts on: it deduplicates the event. */
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
  /** Search terms of its actions, see `searchTerms`. */
  searchedBy: string[];
  /** When the sweep looks at it next; absent once all actions are finished. */
  dueAt?: string | undefined;
}

/** Kind and state of each action, alone (`failed`) and together (`sendEmail failed`). */
export function searchTerms(actions: readonly Pick<ResponseAction, 'kind' | 'state'>[]): string[] {
  return [...new Set(actions.flatMap(({ kind, state }) => [kind, state, `${kind} ${state}`]))];
}

export function isFinished(action: ResponseAction): action is FinishedAction {
  return action.state === 'done' || action.state === 'skipped' || action.state === 'failed';
}

/** When the state of an open action ends by itself; undefined: it may be worked on now. */
export function waitsUntil(action: ResponseAction): string | undefined {
  switch (action.state) {
    case 'pending':
      return action.notBefore;
    case 'claimed':
      return action.leasedUntil;
    case 'sent':
      return action.resultDueAt;
    default:
      return undefined;
  }
}

/** Version 1 had one field, `until`, for the three instants, and no codes of reasons. */
function upgrade(stored: unknown): EventResponse {
  const response = stored as Omit<EventResponse, 'actions'> & { actions: Version1Action[] };
  return { ...response, actions: response.actions.map(upgradeAction) };
}

type Version1Action = ActionFacts & {
  state: ActionState;
  until?: string;
  claimId?: string;
  finishedAt?: string;
};

function upgradeAction({
  state,
  until,
  claimId = '',
  finishedAt = '',
  ...facts
}: Version1Action): ResponseAction {
  switch (state) {
    case 'pending':
      return { ...facts, state, notBefore: until };
    case 'claimed':
      return { ...facts, state, claimId, leasedUntil: until ?? '' };
    case 'sent':
      return { ...facts, state, resultDueAt: until ?? '' };
    default:
      return {
        ...facts,
        ...(facts.reason === 'mail not configured' ? { reasonCode: 'mailNotConfigured' as const } : {}),
        state,
        finishedAt,
      };
  }
}

export const eventResponseType = documentType<EventResponse>('response', {
  ttlSeconds: days(90),
  schemaVersion: 2,
  upgrade,
});
