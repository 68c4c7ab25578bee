/** Checksums of the files of recordings, stored beside them: taken at verification, compared when the file is copied. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { type BlockChecksums, ChecksumMeter } from '../../../shared/blobs/checksums';
import type { Services } from '../../../shared/services';
import type { Recording } from '../recording';
import { checksumsBlobName } from '../upload/blob-names';

type Storing = Pick<Services, 'blobs'>;

/** Stores the checksums; idempotent, since a file never changes. */
export async function storeChecksums(
  { blobs }: Storing,
  customerId: string,
  recording: Pick<Recording, 'id'>,
  checksums: BlockChecksums,
): Promise<void> {
  const packed = await promisify(gzip)(JSON.stringify(checksums));
  await blobs.putOnce('recordings', checksumsBlobName(customerId, recording), packed, 'application/gzip');
}

/** The stored checksums; those of a file that an earlier version of the service verified are taken now. */
export async function readChecksums(
  services: Storing,
  customerId: string,
  recording: Pick<Recording, 'id'>,
  fileName: string,
): Promise<BlockChecksums> {
  const packed = await services.blobs.get('recordings', checksumsBlobName(customerId, recording));
  if (packed) return JSON.parse((await promisify(gunzip)(packed)).toString()) as BlockChecksums;
  const meter = new ChecksumMeter();
  for await (const piece of await services.blobs.read('recordings', fileName)) meter.push(piece);
  const taken = meter.result();
  await storeChecksums(services, customerId, recording, taken);
  return taken;
}
