/**
 * Lifecycle rules of the storage account: what is deleted by age alone, where no code of the service does it (DATA-1). In
 * the shape of the resource type Microsoft.Storage/storageAccounts/managementPolicies. Local storage keeps everything.
 * Recordings, uploads, manifests and archives have none: they follow the recording, and nobody may lose one by its age.
 */
import type { BlobContainer } from '../../shared/blobs/blob-containers';

interface LifecycleRule {
  readonly name: string;
  readonly enabled: true;
  readonly type: 'Lifecycle';
  readonly definition: {
    readonly actions: {
      readonly baseBlob: { readonly delete: { readonly daysAfterCreationGreaterThan: number } };
    };
    /** A prefix begins with the name of a container. */
    readonly filters: { readonly blobTypes: readonly ['blockBlob']; readonly prefixMatch: readonly string[] };
  };
}

/** Days after which blobs of a container are deleted. */
export const BLOB_LIFETIME_DAYS = {
  // Longer than the documents of tasks, which are kept for 90 days once ended.
  tasks: 365,
  'server-logs': 90,
} as const satisfies Partial<Record<BlobContainer, number>>;

export const LIFECYCLE_RULES: readonly LifecycleRule[] = Object.entries(BLOB_LIFETIME_DAYS).map(
  ([container, days]) => ({
    name: `delete-${container}`,
    enabled: true,
    type: 'Lifecycle',
    definition: {
      actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: days } } },
      filters: { blobTypes: ['blockBlob'], prefixMatch: [`${container}/`] },
    },
  }),
);
