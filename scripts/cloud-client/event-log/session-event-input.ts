/** Session events as input, one JSON object each, beside or instead of event log records. */
import { EVENT_TYPE_IDS, type SessionEvent, sessionEventSchema } from '../../../functions/policies/engine';
import { isObject, type JsonObject, textAt } from './json-values';

/** The session that an event belongs to. */
export interface SessionIdentity {
  readonly host: string;
  /** `DOMAIN\name`. */
  readonly user: string;
  readonly logonId?: string;
}

/** The key of the session that session events name. */
export function sessionKeyOf({ host, user, logonId }: SessionIdentity): string {
  return [host.toLowerCase(), user.toLowerCase(), ...(logonId === undefined ? [] : [logonId])].join('/');
}

export interface SessionEventInput {
  readonly event: SessionEvent;
  readonly session?: SessionIdentity;
}

/** Whether a value is meant to be a session event: it has one of our types and a time. */
export function isSessionEventInput(value: unknown): value is JsonObject {
  return isObject(value) && typeof value.time === 'string' && EVENT_TYPE_IDS.some((id) => id === value.type);
}

/**
 * The event in `{ id, type, time, data, session?: { host, user, logonId? } }`; undefined when the service would
 * refuse it.
 */
export function parseSessionEventInput(value: JsonObject): SessionEventInput | undefined {
  const { session, ...rest } = value;
  const parsed = sessionEventSchema.safeParse(rest);
  if (!parsed.success || (session !== undefined && !isObject(session))) return undefined;
  return { event: parsed.data, session: session && identityOf(session) };
}

function identityOf(session: JsonObject): SessionIdentity | undefined {
  const host = textAt(session, 'host');
  const user = textAt(session, 'user');
  return host === undefined || user === undefined
    ? undefined
    : { host, user, logonId: textAt(session, 'logonId') };
}
