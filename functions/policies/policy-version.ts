/** References to versions of policies. */

/** Identifies an immutable version of a policy. */
export interface PolicyVersion {
  policyId: string;
  version: number;
}

/** Whether both refer to the same version, or neither to any. */
export function isSameVersion(a: PolicyVersion | null, b: PolicyVersion | null): boolean {
  return a?.policyId === b?.policyId && a?.version === b?.version;
}
