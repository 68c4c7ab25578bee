/** The administrator log: one entry per mutation, refused attempt and playback (IAM-9, LOG-1). */
import type { Database } from '../cosmos/database';
import { documentType, wireId } from '../cosmos/document-type';
import { DocumentExists } from '../cosmos/errors';
import { type Change, change } from '../cosmos/partition';

export type AuditCategory = 'configuration' | 'recordingReason' | 'playback';

export interface AuditEntry {
  id: string;
  at: string;
  category: AuditCategory;
  /** Noun and verb, such as `site.create`. */
  action: string;
  by: { id: string; name: string; kind: string };
  address: string;
  authorised: boolean;
  outcome: 'succeeded' | 'attempted' | 'failed';
  traceId: string;
  siteId?: string | undefined;
  serverId?: string | undefined;
  target?: { type: string; id: string; name?: string | undefined } | undefined;
  /** Old and new values; never a secret. */
  old?: unknown;
  new?: unknown;
  reason?: string | undefined;
  /** Of a playback: why, in the words of whoever plays it. */
  justification?: string | undefined;
}

/** The details of a change from its use case; the kernel adds the rest. */
export type AuditDetails = Pick<
  AuditEntry,
  'siteId' | 'serverId' | 'target' | 'old' | 'new' | 'justification'
>;

export const auditEntryType = documentType<AuditEntry>('audit', { ttlSeconds: 'never' });

/** Writes changes together with their audit entry, atomically. */
export interface AuditTrail {
  /**
   * Commits changes of the `control` partition with one audit entry. Repeating a request whose
   * changes were committed is not an error: its audit entry already exists.
   * @throws DocumentExists, DocumentStale, DocumentGone
   */
  commit(changes: Change[], details: AuditDetails): Promise<void>;
}

/**
 * The audit trail of one request. `recorded()` returns whether the use case wrote its entry.
 * @param refuseRepeat creates the error of a repeated commit whose first response cannot be returned again
 */
export function auditTrail(
  database: Pick<Database, 'control'>,
  customerId: string,
  entry: Omit<AuditEntry, keyof AuditDetails>,
  refuseRepeat?: () => Error,
): AuditTrail & { recorded: () => boolean } {
  let recorded = false;
  return {
    recorded: () => recorded,
    async commit(changes, details) {
      const control = database.control(customerId);
      const complete: AuditEntry = { ...entry, ...details };
      try {
        await control.commit([change.create(auditEntryType, complete), ...changes]);
      } catch (error) {
        const repeated =
          error instanceof DocumentExists && error.documentId === wireId(auditEntryType, entry.id);
        if (!repeated) throw error;
        if (refuseRepeat) throw refuseRepeat();
      }
      recorded = true;
    },
  };
}
