/** Where the file of a recording lies now: in the container of recordings, or in an archive location. */
import { ARCHIVE_CONTAINER, type BlobContainer } from '../../shared/blobs/blob-containers';
import type { BlobStore } from '../../shared/blobs/blob-store';
import type { Services } from '../../shared/services';
import type { Recording } from './recording';

interface FilePlace {
  store: BlobStore;
  container: BlobContainer;
  name: string;
}

/** The place of its file; undefined when it has none in blob storage, or the configuration lacks its archive location. */
export function fileOf(
  { blobs, archives }: Pick<Services, 'blobs' | 'archives'>,
  { blobName, blobLocation }: Pick<Recording, 'blobName' | 'blobLocation'>,
): FilePlace | undefined {
  if (blobName === undefined) return undefined;
  if (blobLocation === undefined) return { store: blobs, container: 'recordings', name: blobName };
  const location = archives.find(blobLocation);
  return location && { store: location.store, container: ARCHIVE_CONTAINER, name: blobName };
}
