/** For tests: packages in the catalogue that a test's services read. */
import { addToCatalogue } from '../../shared/packages/package-catalogue';
import type { MemoryBlobs } from './memory-storage';

/** Publishes a version; a catalogue that was read before has it after 30 seconds. */
export async function publish(
  blobs: MemoryBlobs,
  kind: 'client' | 'server',
  version: string,
  more: { minimumClientVersion?: string } = {},
): Promise<void> {
  const fileName = kind === 'client' ? 'SRCloudClientService.msi' : 'SessionRecordingServer.zip';
  await addToCatalogue(blobs.asStore(), [
    {
      kind,
      version,
      fileName,
      sizeBytes: 7,
      sha256: 'a'.repeat(64),
      publishedAt: '2029-11-01T00:00:00.000Z',
      ...more,
    },
  ]);
}
