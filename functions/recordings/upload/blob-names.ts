/** Names of the blobs of a recording. Signed URLs for writing are made for `incoming/` only. */
import type { Recording, RecordingContainer } from '../recording';

const EXTENSIONS: Readonly<Record<RecordingContainer, string>> = {
  mp4: 'mp4',
  webm: 'webm',
  events: 'ndjson',
};

/** Where a recording is uploaded to. Whoever has the URL can write anything there: it is copied before it is verified. */
export function incomingBlobName(customerId: string, { id, incomingName }: UploadedRecording): string {
  return incomingName ?? `incoming/${customerId}/${id}`;
}

/** Where a live recording is appended to; the URL for it permits nothing but appending. */
export function liveBlobName(customerId: string, { id }: Pick<Recording, 'id'>): string {
  return `incoming/${customerId}/${id}.live`;
}

type UploadedRecording = Pick<Recording, 'id' | 'incomingName'>;

/** Where its file is kept: no URL for writing was ever made for this name, by no version of the service. */
export function keptBlobName(
  customerId: string,
  { id, container }: Pick<Recording, 'id' | 'container'>,
): string {
  return `${customerId}/${id}.${EXTENSIONS[container]}`;
}

/** The blob with the checksums of its file, taken when that was verified. */
export function checksumsBlobName(customerId: string, { id }: Pick<Recording, 'id'>): string {
  return `${customerId}/${id}.checksums`;
}

/** What the names of all blobs of a recording begin with, beside its upload. */
export function blobPrefix(customerId: string, { id }: Pick<Recording, 'id'>): string {
  return `${customerId}/${id}.`;
}

/** The blob of a recording's manifest; its name depends on the content. */
export function manifestBlobName(customerId: string, { id }: Pick<Recording, 'id'>, hash: string): string {
  return `${customerId}/${id}.manifest-${hash.slice(0, 16)}`;
}
