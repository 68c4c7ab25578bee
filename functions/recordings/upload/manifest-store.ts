/** Manifests, stored beside the recordings that they describe, so that an upload can be verified again at any time. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Services } from '../../../shared/services';
import type { Manifest } from './manifest';

/** Stores a manifest; idempotent. */
export async function storeManifest(
  { blobs }: Pick<Services, 'blobs'>,
  name: string,
  manifest: Manifest,
): Promise<void> {
  await blobs.putOnce(
    'recordings',
    name,
    await promisify(gzip)(JSON.stringify(manifest)),
    'application/gzip',
  );
}

/** The manifest that was stored under this name. @throws Error when there is none */
export async function readManifest({ blobs }: Pick<Services, 'blobs'>, name: string): Promise<Manifest> {
  const packed = await blobs.get('recordings', name);
  if (!packed) throw new Error(`there is no manifest ${name}`);
  return JSON.parse((await promisify(gunzip)(packed)).toString()) as Manifest;
}
