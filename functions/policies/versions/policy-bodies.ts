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

type WrittenPolicy = Pick<Policy, 'kind' | 'name' | 'description'> & {
  rules: readonly { id: string; createdAt: string }[];
};

/**
 * Writes the body of a new version, before the head that refers to it. Returns false when the version already has a body:
 * of a concurrent save, or of one that failed before it updated the head.
 */
export async function writePolicyBody(
  { blobs }: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
  policy: WrittenPolicy,
): Promise<boolean> {
  const content = await promisify(gzip)(JSON.stringify(policy));
  return blobs.putOnce('policies', blobName(customerId, siteId, version), content, 'application/gzip');
}

/**
 * Writes the body with the next free version number after the given one, and returns that number. A number whose save
 * failed after writing the body remains unused: it is not known which request the body belongs to.
 */
export async function writeNextBody(
  services: Storing,
  customerId: string,
  siteId: string,
  last: PolicyVersion,
  policy: WrittenPolicy,
): Promise<number> {
  for (let version = last.version + 1; ; version++) {
    if (await writePolicyBody(services, customerId, siteId, { ...last, version }, policy)) return version;
  }
}

/** Removes the body of a version; a missing one is not an error. */
export async function removePolicyBody(
  { blobs }: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<void> {
  await blobs.discard('policies', blobName(customerId, siteId, version));
}

/** The body of a version, or undefined when there is no such version. The content was validated when it was written. */
export async function readPolicyBody(
  services: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<{ policy: Policy } | undefined> {
  const document = await readPolicyDocument(services, customerId, siteId, version);
  return document && { policy: JSON.parse(document.toString()) as Policy };
}

/** The JSON of the body of a version, or undefined when there is no such version. */
export async function readPolicyDocument(
  { blobs }: Storing,
  customerId: string,
  siteId: string,
  version: PolicyVersion,
): Promise<Buffer | undefined> {
  const content = await blobs.get('policies', blobName(customerId, siteId, version));
  return content && promisify(gunzip)(content);
}
