/** The published packages: reads the catalogue, adds to it, and signs URLs for downloads. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PACKAGES } from '../blobs/blob-containers';
import type { BlobStore } from '../blobs/blob-store';
import type { SignedUrl } from '../blobs/signed-urls';
import type { Clock } from '../clock';
import { FreshCache } from '../pure/fresh-cache';
import {
  type Catalogue,
  EMPTY_CATALOGUE,
  findPackage,
  type Package,
  packageBlobName,
  type PackageKind,
  parseCatalogue,
  serializeCatalogue,
  withPackage,
} from './catalogue';

const CATALOGUE_BLOB = 'catalogue.json';

/** A new version is seen after this time at the latest. */
const MAX_AGE_MILLISECONDS = 10_000;
/** Enough to begin the download of a package; one that has begun goes on. */
const DOWNLOAD_SECONDS = 3_600;

type Reading = Pick<BlobStore, 'getVersion' | 'readUrl'>;

export class PackageCatalogue {
  private readonly fresh = new FreshCache<Catalogue>({
    maxAgeMilliseconds: MAX_AGE_MILLISECONDS,
    maxEntries: 1,
  });
  private known: { catalogue: Catalogue; etag: string } | undefined;

  constructor(
    private readonly blobs: () => Reading,
    private readonly clock: Clock,
  ) {}

  /** The catalogue, at most 10 seconds old; empty while nothing is published. */
  read(): Promise<Catalogue> {
    return this.fresh.get(CATALOGUE_BLOB, this.clock.now().getTime(), () => this.readStored());
  }

  /** The newest version of a kind, or undefined while none is published. */
  async latest(kind: PackageKind): Promise<Package | undefined> {
    return (await this.read()).packages.find((one) => one.kind === kind);
  }

  /** The package of this version, or undefined when it is not published. */
  async find(kind: PackageKind, version: string): Promise<Package | undefined> {
    return findPackage(await this.read(), kind, version);
  }

  /** A URL that permits downloading the package for an hour. */
  async downloadUrl(one: Package): Promise<SignedUrl> {
    return this.blobs().readUrl(PACKAGES, packageBlobName(one), {
      lifetimeSeconds: DOWNLOAD_SECONDS,
      contentType: 'application/octet-stream',
      fileName: one.fileName,
    });
  }

  private async readStored(): Promise<Catalogue> {
    const stored = await this.blobs().getVersion(PACKAGES, CATALOGUE_BLOB, this.known?.etag);
    if (stored === undefined) this.known = undefined;
    else if (stored !== 'unchanged')
      this.known = { catalogue: parseCatalogue(stored.content.toString('utf8')), etag: stored.etag };
    return this.known?.catalogue ?? EMPTY_CATALOGUE;
  }
}

/** More concurrent publishers than there will be. */
const ATTEMPTS = 20;
const MAX_PAUSE_MILLISECONDS = 200;

/**
 * Adds packages whose files are uploaded to the catalogue, together with whatever others add at the same time. Repeating
 * it changes nothing.
 * @throws ZodError, VersionTaken as `withPackage` does
 */
export async function addToCatalogue(
  blobs: Pick<BlobStore, 'getVersion' | 'replaceVersion'>,
  packages: readonly Package[],
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = await blobs.getVersion(PACKAGES, CATALOGUE_BLOB);
    if (stored === 'unchanged') throw new Error('a version was answered as unchanged, but none was named');
    const before = stored ? parseCatalogue(stored.content.toString('utf8')) : EMPTY_CATALOGUE;
    const after = packages.reduce(withPackage, before);
    if (after === before) return;
    const content = Buffer.from(serializeCatalogue(after));
    const options = { contentType: 'application/json', etag: stored?.etag };
    if (await blobs.replaceVersion(PACKAGES, CATALOGUE_BLOB, content, options)) return;
    await sleep(Math.random() * MAX_PAUSE_MILLISECONDS);
  }
  throw new Error(`The catalogue was changed by others ${ATTEMPTS} times in a row: try again.`);
}
