/** Where recordings are archived to: containers of storage accounts that the configuration names, never a caller. */
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { type BlobStore, openBlobStore } from './blob-store';

/** Cool and Cold can be read at once; Archive would take hours. */
export type ArchiveTier = 'Cool' | 'Cold';

export interface ArchiveLocation {
  /** Stored with the recordings that lie there: never given to another place. */
  readonly name: string;
  readonly tier: ArchiveTier;
  readonly store: BlobStore;
}

/** The configured locations; the first one is used where none is chosen. */
export class ArchiveLocations {
  constructor(private readonly locations: readonly ArchiveLocation[]) {}

  get all(): readonly ArchiveLocation[] {
    return this.locations;
  }

  /** The name of the location that is used where none is chosen. */
  get defaultName(): string {
    return this.locations[0]?.name ?? '';
  }

  /** The location, or undefined when the configuration does not name it (any more). */
  find(name: string): ArchiveLocation | undefined {
    return this.locations.find((location) => location.name === name);
  }
}

/** The locations of the configuration: in the account of the service, or in others that its identity may write. */
export function openArchiveLocations(
  config: { storage: Pick<Config['storage'], 'archiveLocations'> },
  own: () => BlobStore,
  credential: () => TokenCredential,
  clock: Clock,
): ArchiveLocations {
  return new ArchiveLocations(
    config.storage.archiveLocations.map(({ name, tier, blobEndpoint }) => ({
      name,
      tier,
      store:
        blobEndpoint === undefined
          ? own()
          : openBlobStore({ storage: { blobEndpoint } }, credential(), clock),
    })),
  );
}
