/** Publishes a file as a version of the cloud client or the recording server: first the blob, then its catalogue entry. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ContainerClient } from '@azure/storage-blob';
import type { BlobStore } from '../../shared/blobs/blob-store';
import { EMPTY_CATALOGUE, type Package, packageBlobName, withPackage } from '../../shared/packages/catalogue';
import { addToCatalogue } from '../../shared/packages/package-catalogue';

/** Where packages lie. */
export interface PackageStorage {
  blobs: BlobStore;
  container: ContainerClient;
}

type Described = Pick<Package, 'kind' | 'version' | 'minimumClientVersion'>;

/**
 * Publishes the file and returns its entry. Repeating it, or running it from two places at once, is safe: a blob is
 * named by its content, and the catalogue is changed under its ETag.
 * @throws ZodError for what is no package, VersionTaken when the version has another content; nothing is uploaded then
 */
export async function publishPackage(
  { blobs, container }: PackageStorage,
  file: string,
  described: Described,
): Promise<Package> {
  const { size: sizeBytes } = await stat(file);
  const one: Package = {
    ...described,
    fileName: path.basename(file),
    sizeBytes,
    sha256: await sha256Of(file),
    publishedAt: new Date().toISOString(),
  };
  // What is not valid is refused before gigabytes are uploaded.
  withPackage(EMPTY_CATALOGUE, one);
  const blob = container.getBlockBlobClient(packageBlobName(one));
  try {
    await blob.uploadFile(file, {
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
    });
  } catch (error) {
    const isThere = error instanceof Error && 'statusCode' in error && error.statusCode === 409;
    if (!isThere) throw error;
  }
  await addToCatalogue(blobs, [one]);
  return one;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
