/** The answer to List Blobs, as REST writes it. */
import { type Blob } from './blob-account';

interface BlobPage {
  container: string;
  prefix: string;
  found: readonly (readonly [name: string, blob: Blob])[];
  /** Of the next page; empty on the last one. */
  marker: string;
}

export function blobListXml({ container, prefix, found, marker }: BlobPage): string {
  const blobs = found.map(([name, blob]) => `<Blob><Name>${escaped(name)}</Name>${properties(blob)}</Blob>`);
  const result = `<Prefix>${escaped(prefix)}</Prefix><Blobs>${blobs.join('')}</Blobs><NextMarker>${marker}</NextMarker>`;
  return `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="${escaped(container)}">${result}</EnumerationResults>`;
}

function properties({ content, contentType, etag, modifiedAt, createdAt, tier }: Blob): string {
  const fields = {
    'Creation-Time': createdAt.toUTCString(),
    'Last-Modified': modifiedAt.toUTCString(),
    Etag: etag.replaceAll('"', ''),
    'Content-Length': String(content.length),
    'Content-Type': contentType,
    BlobType: 'BlockBlob',
    AccessTier: tier,
    LeaseStatus: 'unlocked',
    LeaseState: 'available',
    ServerEncrypted: 'true',
  };
  const written = Object.entries(fields).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return `<Properties>${written.join('')}</Properties>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
