/** What the administrator log says of a request: who asked for what, from where, and how it ended. */
import { type AuditEntry, auditEntryType } from '../audit/audit-entry';
import type { Caller } from '../identity/caller';
import { newId } from '../ids';
import { appendToLog } from '../log/append';
import type { Services } from '../services';
import type { Operation } from './operation';
import { toProblem } from './respond';

/** The entry of a request that does what it asks for; the handler adds the details. */
export function auditEntry(
  operation: Operation,
  caller: Caller,
  request: { id: string; clientAddress: string; traceId: string; at: Date },
): AuditEntry {
  return {
    id: request.id,
    at: request.at.toISOString(),
    category: operation.audit?.category ?? 'configuration',
    action: operation.audit?.action ?? operation.id,
    by: whoIs(caller),
    address: request.clientAddress,
    authorised: true,
    outcome: 'succeeded',
    traceId: request.traceId,
  };
}

function whoIs(caller: Caller): AuditEntry['by'] {
  switch (caller.type) {
    case 'anonymous':
      return { id: '', name: '', kind: 'anonymous' };
    case 'client':
      return { id: caller.id, name: caller.name, kind: 'secureClient' };
    case 'administrator':
      return {
        id: caller.id,
        name: caller.name,
        kind: caller.isApplication ? 'application' : (caller.kind ?? 'none'),
      };
  }
}

/** Writes that the caller may not do this. */
export async function recordRefusal(
  services: Services,
  caller: Caller,
  entry: AuditEntry,
  refusal: unknown,
): Promise<void> {
  if (caller.type === 'anonymous') return;
  const refused: AuditEntry = { ...entry, authorised: false, outcome: 'failed', reason: reasonOf(refusal) };
  await appendToLog(services, caller.customerId, auditEntryType, refused);
}

/** The entry that says that what `entry` attempted has failed. */
export function failureOf(entry: AuditEntry, error: unknown): AuditEntry {
  return { ...entry, id: newId(), outcome: 'failed', reason: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  return toProblem(error).code;
}
