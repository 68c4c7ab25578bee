/** The bodies of policies: one immutable blob per version, since a policy can have several megabytes. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Services } from '../../../shared/services';
import type { Policy } from '../engine';
import type { PolicyVersion } from '../policy-version';

type Storing = Pick<Services, 'blobs'>;

function blobName(customerId: string, siteId: string, { policyId, version }: PolicyVersion): string {
  return `${customerId}/${siteId}/${policyId}/${version}.json.gz`;
}

/**
 * Writes the body of a new version, before the head that refers to it. Returns false when the version already has a body:
 * of a concurrent save, or of one that failed before it updated the head.
 */
export async function writePolicyBody(
  { blobs }: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
  policy: Pick<Policy, 'kind' | 'name' | 'description'> & {
    rules: readonly { id: string; createdAt: string }[];
  },
): Promise<boolean> {
  const content = await promisify(gzip)(JSON.stringify(policy));
  return blobs.putOnce('policies', blobName(customerId, siteId, version), content, 'application/gzip');
}

/** The body of a version and its size in bytes, or undefined when there is no such version. The content was validated when it was written. */
export async function readPolicyBody(
  { blobs }: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<{ policy: Policy; sizeBytes: number } | undefined> {
  const content = await blobs.get('policies', blobName(customerId, siteId, version));
  if (!content) return undefined;
  const json = await promisify(gunzip)(content);
  return { policy: JSON.parse(json.toString()) as Policy, sizeBytes: json.length };
}
