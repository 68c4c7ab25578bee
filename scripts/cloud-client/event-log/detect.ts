/** Interprets one record: a detected session event, or the reason why it yields none. */
import type { EventData, EventTypeId } from '../../../functions/policies/engine';
import { type Actor, actorOf } from './actor';
import { fieldsOfMessage } from './event-data';
import { eventRows, hasBody, reasonNotUsed, type DuplicateRule } from './event-table';
import { fieldNames } from './field-layouts';
import {
  type EventDetails,
  type Fields,
  type LogRecord,
  type LogSource,
  normaliseId,
  textOf,
} from './log-record';

/** The longest text of an event, in UTF-16 units, as the service accepts it. */
const MAX_TEXT_UNITS = 32_767;

/** Identifies the record of the same occurrence in another log. */
export interface DuplicateKey {
  readonly family: DuplicateRule['family'];
  readonly role: DuplicateRule['role'];
  /** In lower case. */
  readonly subject?: string;
  readonly processId?: string;
}

/** The reason of records whose header was read and whose event data were not. */
export const BODY_NOT_UNDERSTOOD = 'event data not understood';

export interface Detection {
  readonly type: EventTypeId;
  readonly data: EventData;
  readonly actor: Actor;
  /** The SID of the account acted on, where another record's name for it replaces this one's. */
  readonly accountSid?: string;
  readonly duplicateKey?: DuplicateKey;
}

export interface Unused {
  readonly reason: string;
}

/** The named event data of a record: its own, positional ones by the event's layout, lost ones from Sysmon's message. */
export function namedFields(record: LogRecord, source: LogSource, details: EventDetails): Fields {
  const { unnamed, message } = details;
  const names = fieldNames(source, record.provider, record.eventId, unnamed.length) ?? [];
  const positional = unnamed
    .slice(0, names.length)
    .map((value, index) => [names[index] ?? '', textOf(value)] as const);
  const fields = { ...Object.fromEntries(positional), ...details.fields };
  if (source !== 'sysmon' || message === '') return fields;
  const rendered = fieldsOfMessage(message);
  // Forwarders overwrite the operation with a field of their own of that name; the message still has it.
  return {
    ...rendered,
    ...fields,
    ...(isOperation(rendered.EventType) && { EventType: rendered.EventType }),
  };
}

function isOperation(text: string | undefined): boolean {
  return text !== undefined && /^(Create|Delete|Set|Rename)(Key|Value)$/.test(text);
}

/** Interprets a record by the event table. */
export function detect(
  record: LogRecord,
  source: LogSource,
  fields: Fields,
  { message, account }: Pick<EventDetails, 'message' | 'account'>,
): Detection | Unused {
  const rows = eventRows(source, record.provider, record.eventId);
  if (!rows.some((row) => hasBody(row, fields, message))) return { reason: BODY_NOT_UNDERSTOOD };
  const row = rows.find((candidate) => candidate.when?.(fields, message) ?? true);
  if (!row) return { reason: reasonNotUsed(source, record.eventId) };
  const actor = actorOf(source, record.eventId, fields, account);
  const { duplicateRule: rule } = row;
  return {
    type: row.type,
    data: cleanData(row.data(fields, message)),
    actor,
    accountSid: row.accountSid?.(fields),
    ...(rule && { duplicateKey: duplicateKeyOf(rule, fields, message) }),
  };
}

function duplicateKeyOf(rule: DuplicateRule, fields: Fields, message: string): DuplicateKey {
  return {
    family: rule.family,
    role: rule.role,
    subject: rule.subject(fields, message)?.toLowerCase(),
    processId: normaliseId(rule.processId?.(fields)),
  };
}

/** Without unknown values, and no longer than the service accepts. */
function cleanData(data: EventData): EventData {
  const known = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, MAX_TEXT_UNITS) : value]),
  );
}
