/** What is stored of policies beside their bodies: heads, and which of them are active at a site. */
import { documentType } from '../../shared/cosmos/document-type';
import type { Author } from '../../shared/identity/caller';
import { DO_NOT_RECORD, type PolicyKind } from './engine';
import { SYSTEM_POLICY_VERSION } from './policy-kinds';

/** A policy as lists show it; its rules are those of its newest version. */
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

export const policyType = documentType<PolicyHead>('policy');

/** How a version came to be. */
export const VERSION_ORIGINS = ['created', 'edited', 'restored', 'copied'] as const;

/** A version of a policy as its history shows it; its body is a blob. */
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
  /** How it differs from the version before, in sentences; the first ones where there are many. */
  changes: string[];
}

export const savedVersionType = documentType<SavedVersion>('policy-version');

/** The id of the document of a version. */
export function savedVersionId({ policyId, version }: PolicyVersion): string {
  return `${policyId}-${String(version).padStart(9, '0')}`;
}

/** Names a version of a policy, which never changes. */
export interface PolicyVersion {
  policyId: string;
  version: number;
}

/** The one document that says which policies are active: two can never be so at a time. */
export interface ActivePointer {
  /** The site's id. */
  id: string;
  recording: PolicyVersion;
  eventDetection: PolicyVersion | null;
  eventResponse: PolicyVersion | null;
}

export const activePointerType = documentType<ActivePointer>('active-policies');

const NOTHING_IS_RECORDED: PolicyVersion = { policyId: DO_NOT_RECORD.id, version: SYSTEM_POLICY_VERSION };

/** What holds at a site where nobody has activated anything. */
export function defaultPointer(siteId: string): ActivePointer {
  return { id: siteId, recording: NOTHING_IS_RECORDED, eventDetection: null, eventResponse: null };
}

/** The pointer with a policy of this kind active, or, with null, none: recording then goes back to its default. */
export function withActive(
  pointer: ActivePointer,
  kind: PolicyKind,
  active: PolicyVersion | null,
): ActivePointer {
  if (kind === 'recording') return { ...pointer, recording: active ?? NOTHING_IS_RECORDED };
  return { ...pointer, [kind]: active };
}
