/** Signs URLs of blobs with a user delegation key: each for one blob, for a short time, over https. */
import {
  BlobSASPermissions,
  type BlobSASSignatureValues,
  type BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { Clock } from '../clock';
import { timed } from './calls';

/** The newest version for which both Azurite and Azure accept a user delegation SAS. */
const SAS_VERSION = '2025-11-05';
/** A delegation key is valid for at most 7 days; it is renewed daily. */
const DELEGATION_KEY_SECONDS = 86_400;
/** For clocks that are behind the one of the storage. */
const STARTS_EARLIER_MILLISECONDS = 300_000;

export interface SignedUrl {
  url: string;
  expiresAt: Date;
}

interface SignedBlob {
  /** The URL of the blob without a signature. */
  url: string;
  containerName: string;
  blobName: string;
  lifetimeSeconds: number;
}

export class SignedUrls {
  private delegation: { key: UserDelegationKey; expiresAt: number } | undefined;

  constructor(
    private readonly service: BlobServiceClient,
    private readonly clock: Clock,
  ) {}

  /**
   * For writing this blob. Until version 2026-04-06 no narrower permission includes Put Block, so that this one also
   * permits Put Blob, Put Block List, leases and properties: what it covers must not be a blob that anything relies on.
   */
  async forUpload(blob: SignedBlob): Promise<SignedUrl> {
    return this.sign(blob, 'w');
  }

  /** For creating this blob by Put Blob where there is none; it is never replaced. */
  async forCreation(blob: SignedBlob): Promise<SignedUrl> {
    return this.sign(blob, 'c');
  }

  /** For appending to this blob, an append blob that exists: what lies there is neither read nor replaced. */
  async forAppending(blob: SignedBlob): Promise<SignedUrl> {
    return this.sign(blob, 'a');
  }

  /** For reading this blob. The response states this content type and, with a file name, that it is a download. */
  async forReading(blob: SignedBlob, contentType: string, fileName?: string): Promise<SignedUrl> {
    const contentDisposition = fileName === undefined ? 'inline' : `attachment; filename="${fileName}"`;
    return this.sign(blob, 'r', { contentType, contentDisposition });
  }

  private async sign(
    { url, containerName, blobName, lifetimeSeconds }: SignedBlob,
    permissions: 'r' | 'w' | 'c' | 'a',
    responseHeaders: Pick<BlobSASSignatureValues, 'contentType' | 'contentDisposition'> = {},
  ): Promise<SignedUrl> {
    const now = this.clock.now().getTime();
    const expiresAt = new Date(now + lifetimeSeconds * 1000);
    const values = {
      containerName,
      blobName,
      permissions: BlobSASPermissions.parse(permissions),
      startsOn: new Date(now - STARTS_EARLIER_MILLISECONDS),
      expiresOn: expiresAt,
      version: SAS_VERSION,
      ...responseHeaders,
      ...(this.service.url.startsWith('https:') ? { protocol: SASProtocol.Https } : {}),
    };
    const key = await this.delegationKey();
    const sas = generateBlobSASQueryParameters(values, key, this.service.accountName);
    return { url: `${url}?${sas.toString()}`, expiresAt };
  }

  private async delegationKey(): Promise<UserDelegationKey> {
    const now = this.clock.now().getTime();
    if (!this.delegation || this.delegation.expiresAt - now < 3_600_000) {
      const startsOn = new Date(now - STARTS_EARLIER_MILLISECONDS);
      const expiresOn = new Date(now + 2 * DELEGATION_KEY_SECONDS * 1000);
      const key = await timed((abortSignal) =>
        this.service.getUserDelegationKey(startsOn, expiresOn, { abortSignal }),
      );
      this.delegation = { key, expiresAt: now + DELEGATION_KEY_SECONDS * 1000 };
    }
    return this.delegation.key;
  }
}
