/** The documents of policies: heads, versions, and which policies are active at a site. Bodies are blobs. */
import { documentType } from '../../shared/cosmos/document-type';
import type { Author } from '../../shared/identity/caller';
import { DO_NOT_RECORD, type PolicyKind } from './engine';
import { SYSTEM_POLICY_VERSION } from './policy-kinds';
import type { PolicyVersion } from './policy-version';

/** A policy without its rules, which are in the body of its newest version. */
export interface PolicyHead {
  id: string;
  siteId: string;
  kind: PolicyKind;
  name: string;
  description: string;
  version: number;
  createdAt: string;
  createdBy: Author;
  modifiedAt: string;
  modifiedBy: Author;
}

export const policyType = documentType<PolicyHead>('policy', { ttlSeconds: 'never' });

/** How a version was created. */
export const VERSION_ORIGINS = ['created', 'edited', 'restored', 'copied'] as const;

/** A version of a policy in its history; its body is a blob. */
export interface SavedVersion {
  /** Sorts by version within a policy. */
  id: string;
  policyId: string;
  version: number;
  name: string;
  ruleCount: number;
  savedAt: string;
  savedBy: Author;
  origin: (typeof VERSION_ORIGINS)[number];
  /** What was restored or copied. */
  source?: PolicyVersion | undefined;
  /** Messages that describe the changes from the previous version; truncated if there are many. */
  changes: string[];
}

export const savedVersionType = documentType<SavedVersion>('policy-version', { ttlSeconds: 'never' });

/** The id of the document that describes a version. */
export function savedVersionId({ policyId, version }: PolicyVersion): string {
  return `${policyId}-${String(version).padStart(9, '0')}`;
}

/** The only document that says which policies are active, so that there is never more than one per kind. */
export interface ActivePointer {
  /** The site's id. */
  id: string;
  recording: PolicyVersion;
  eventDetection: PolicyVersion | null;
  eventResponse: PolicyVersion | null;
}

export const activePointerType = documentType<ActivePointer>('active-policies', { ttlSeconds: 'never' });

const DEFAULT_RECORDING_POLICY: PolicyVersion = {
  policyId: DO_NOT_RECORD.id,
  version: SYSTEM_POLICY_VERSION,
};

/** The pointer of a site where no policy was ever activated. */
export function defaultPointer(siteId: string): ActivePointer {
  return { id: siteId, recording: DEFAULT_RECORDING_POLICY, eventDetection: null, eventResponse: null };
}

/** The pointer with this policy of the kind active; with null none, or for recording the default. */
export function withActive(
  pointer: ActivePointer,
  kind: PolicyKind,
  active: PolicyVersion | null,
): ActivePointer {
  if (kind === 'recording') return { ...pointer, recording: active ?? DEFAULT_RECORDING_POLICY };
  return { ...pointer, [kind]: active };
}
