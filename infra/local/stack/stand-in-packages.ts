/** Publishes the small files that stand in for packages on one machine: they install nothing. */
import { createHash } from 'node:crypto';
import { PACKAGES } from '../../../shared/blobs/blob-containers';
import type { BlobStore } from '../../../shared/blobs/blob-store';
import { type Package, packageBlobName, VersionTaken } from '../../../shared/packages/catalogue';
import { addToCatalogue } from '../../../shared/packages/package-catalogue';
import { STAND_IN_PACKAGE } from '../azure/cloud-client-package';

const PUBLISHED_AT = '2026-11-01T00:00:00.000Z';

const FILES: readonly (Pick<Package, 'kind' | 'version' | 'fileName'> & { content: Buffer })[] = [
  {
    kind: 'client',
    version: '7.42.15010.4',
    fileName: 'SRCloudClientService.msi',
    content: STAND_IN_PACKAGE,
  },
  {
    kind: 'server',
    version: '24.2.0.16',
    fileName: 'SessionRecordingServer.msi',
    content: Buffer.from('This stands in for the installer of the recording server.\n'),
  },
];

/** Uploads them and adds them to the catalogue, unless their versions are published already. */
export async function publishStandInPackages(blobs: BlobStore): Promise<void> {
  for (const { content, ...rest } of FILES) {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const one: Package = { ...rest, sha256, sizeBytes: content.length, publishedAt: PUBLISHED_AT };
    await blobs.putOnce(PACKAGES, packageBlobName(one), content, 'application/octet-stream');
    await addToCatalogue(blobs, [one]).catch((error: unknown) => {
      if (!(error instanceof VersionTaken)) throw error;
    });
  }
}
