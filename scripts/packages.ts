/**
 * `npm run packages -- --publish FILE --kind client --version 7.50.1.2`: publishes what machines install; without
 * `--publish` it lists what is published. Of the local service (`PORT`), or, with `--blob-endpoint URL`, of one in Azure,
 * signed in as `az login` has it (Storage Blob Data Contributor).
 */
import { DefaultAzureCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { ZodError } from 'zod';
import { PACKAGES } from '../shared/blobs/blob-containers';
import { openBlobStore } from '../shared/blobs/blob-store';
import { systemClock } from '../shared/clock';
import { appCredential } from '../shared/credential';
import { PackageCatalogue } from '../shared/packages/package-catalogue';
import { basePort } from './cli/base-port';
import { runCommand, UsageError } from './cli/command';
import { localConfig } from './cli/local-config';
import { line, table } from './demo/print';
import { type PackageStorage, publishPackage } from './packages/publish-package';

interface Options {
  publish?: string;
  kind: string;
  version?: string;
  'minimum-client-version'?: string;
  'blob-endpoint'?: string;
}

async function storageOf(endpoint: string | undefined): Promise<PackageStorage> {
  const local = endpoint === undefined ? await localConfig(basePort()) : undefined;
  const blobEndpoint = local?.storage.blobEndpoint ?? endpoint?.replace(/\/$/, '') ?? '';
  const credential = local ? appCredential(local) : new DefaultAzureCredential();
  return {
    blobs: openBlobStore({ storage: { blobEndpoint } }, credential, systemClock),
    container: new ContainerClient(`${blobEndpoint}/${PACKAGES}`, credential),
  };
}

async function packages(options: Options): Promise<void> {
  const { publish: file, kind, version, 'minimum-client-version': minimumClientVersion } = options;
  if (kind !== 'client' && kind !== 'server') throw new UsageError('--kind is client or server.');
  if ((file === undefined) !== (version === undefined))
    throw new UsageError('--publish and --version belong together.');
  const storage = await storageOf(options['blob-endpoint']);
  if (file !== undefined && version !== undefined) {
    const one = await publishPackage(storage, file, { kind, version, minimumClientVersion }).catch(
      asUsageError,
    );
    line(`Published ${one.fileName} as version ${one.version} of the ${one.kind}, SHA-256 ${one.sha256}`);
  }
  const { packages: published } = await new PackageCatalogue(() => storage.blobs, systemClock).read();
  table(
    ['kind', 'version', 'file', 'bytes', 'published'],
    published.map((one) => [one.kind, one.version, one.fileName, String(one.sizeBytes), one.publishedAt]),
  );
}

/** What is no package was called wrongly: one line that says what to give. */
function asUsageError(error: unknown): never {
  if (!(error instanceof ZodError)) throw error;
  throw new UsageError(error.issues.map(({ message }) => message).join(' '));
}

void runCommand({
  name: 'npm run packages',
  description:
    'Publishes versions of the cloud client and the recording server, and lists them, of the local service or of one in\n' +
    'Azure. A version never changes; publishing it again, or from two places at once, is safe.',
  options: {
    publish: { type: 'string', value: 'FILE', help: 'the file that machines install' },
    kind: { type: 'string', value: 'KIND', default: 'client', help: 'client or server' },
    version: { type: 'string', value: 'VERSION', help: 'its version, four numbers' },
    'minimum-client-version': {
      type: 'string',
      value: 'VERSION',
      help: 'older cloud clients cannot install it',
    },
    'blob-endpoint': {
      type: 'string',
      value: 'URL',
      help: 'the storage account of a service in Azure; signed in as az login has it',
    },
  },
  environment: { PORT: 'where the local service runs (default: 7071)' },
  examples: [
    ['', 'what is published'],
    ['--publish SRCloudClientService.msi --version 7.50.1.2', 'a version of the cloud client'],
    ['--publish Server.msi --kind server --version 25.3.0.1 --blob-endpoint URL', 'in Azure'],
  ],
  onInterrupt: 'Interrupted: what is not in the list yet was not published.',
  run: packages,
});
