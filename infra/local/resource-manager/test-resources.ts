/** For tests: single resources, written, read and deleted with the SDK client. */
import { localSubscriptionId } from '../azure/login/directory-ids';
import { type TestArm } from './test-arm';

export const quickly = { updateIntervalInMs: 20 };
export const location = 'westeurope';

/** The id of a resource; `name` has the names of its parents before it: `server/database`. */
export function idOf(type: string, name: string, group = 'rg'): string {
  const [namespace = '', ...types] = type.split('/');
  const names = name.split('/');
  const path = types.map((part, index) => `${part}/${names[index]}`).join('/');
  return `/subscriptions/${localSubscriptionId}/resourceGroups/${group}/providers/${namespace}/${path}`;
}

const versions: Record<string, string> = {
  'Microsoft.Compute': '2026-03-01',
  'Microsoft.KeyVault': '2024-11-01',
  'Microsoft.Network': '2025-05-01',
  'Microsoft.Sql': '2023-08-01',
  'Microsoft.Storage': '2024-01-01',
  'Microsoft.ManagedIdentity': '2024-11-30',
  'Microsoft.Authorization': '2022-04-01',
};

/** The API version with which a resource is addressed. */
export const versionOf = (id: string): string =>
  id.includes('/disks/') ? '2025-01-02' : (versions[/.*\/providers\/([^/]+)/.exec(id)?.[1] ?? ''] ?? '');

/** Requests for single resources, by id; each waits until its work is done. */
export function resourceRequests(arm: () => TestArm) {
  const resources = () => arm().client.resources;
  return {
    put: (id: string, body: object) =>
      resources().beginCreateOrUpdateByIdAndWait(id, versionOf(id), body, quickly),
    get: (id: string) => resources().getById(id, versionOf(id)),
    remove: (id: string) => resources().beginDeleteByIdAndWait(id, versionOf(id), quickly),
    exists: async (id: string) => (await resources().checkExistenceById(id, versionOf(id))).body,
  };
}

/** The code of the error with which it fails, or `none`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  );
}
