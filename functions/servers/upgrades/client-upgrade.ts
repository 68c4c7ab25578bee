/** The last upgrade of the cloud client of a server: the document, and which version is due (UPG-1). */
import { documentType } from '../../../shared/cosmos/document-type';
import type { Package } from '../../../shared/packages/catalogue';
import { compareVersions, parseVersion } from '../../../shared/pure/versions';
import { Problem } from '../../../shared/problem';
import type { Server } from '../server';
import { illegalTransition, nextStatus } from '../server-transitions';

export interface ClientUpgrade {
  /** The server's id. */
  id: string;
  /** Of its task and of its command. */
  taskId: string;
  fromVersion: string;
  toVersion: string;
  /** RFC 3339 UTC, as all times here. */
  startedAt: string;
  /** The new version is expected by then. */
  endsBy: string;
  /** The local day of the server whose slot was used last; kept when an administrator starts an upgrade. */
  day?: string | undefined;
  endedAt?: string | undefined;
  outcome?: 'succeeded' | 'failed' | undefined;
  reason?: string | undefined;
  /** When the sweep processes it; absent when all is done. */
  dueAt?: string | undefined;
}

export const clientUpgradeType = documentType<ClientUpgrade>('client-upgrade', { ttlSeconds: 'never' });

/** Without the new version for this long an upgrade has failed. */
export const UPGRADE_SECONDS = 1_800;

/** Whether the first version is the second one or newer; false for unknown versions. */
export function hasReached(found: string | undefined, wanted: string): boolean {
  const [one, other] = [parseVersion(found ?? ''), parseVersion(wanted)];
  return one !== undefined && other !== undefined && compareVersions(one, other) >= 0;
}

/**
 * The version that the server's cloud client would be upgraded to.
 * @throws Problem `conflict` when the state forbids an upgrade, there is no newer version, or the latest one cannot be
 * installed from the present one
 */
export function upgradeTarget(
  { status, clientVersion = '' }: Pick<Server, 'status' | 'clientVersion'>,
  latest: Package | undefined,
): string {
  if (nextStatus(status, 'upgradeStarted') === undefined) throw illegalTransition(status, 'upgradeStarted');
  if (!latest)
    throw new Problem(
      'conflict',
      'No version of the cloud client is published: publish one in the package catalogue first.',
    );
  const { version, minimumClientVersion } = latest;
  const versions = { found: clientVersion, latest: version };
  if (hasReached(clientVersion, version))
    throw new Problem(
      'conflict',
      `The cloud client ${clientVersion} is up to date: the latest version is ${version}.`,
      { extensions: versions },
    );
  if (minimumClientVersion !== undefined && !hasReached(clientVersion, minimumClientVersion))
    throw new Problem(
      'conflict',
      `Version ${version} cannot be installed by the cloud client ${clientVersion}, but from ${minimumClientVersion} on: remove the client, then download and install the latest one.`,
      { extensions: { ...versions, needed: minimumClientVersion } },
    );
  return version;
}
