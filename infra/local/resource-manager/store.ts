/** The store of deployed resource groups, resources, deployments and soft-deleted vaults. It never contains secrets. */
import { type ValueObject } from './expressions/values';
import { type ErrorInfo } from './arm-error';
import { type Database } from '../stand-in-support/database';

export interface ResourceGroup {
  name: string;
  location: string;
  tags: Record<string, string>;
  managedBy?: string;
  state: 'Succeeded' | 'Deleting';
  /** Why its last deletion did not succeed. */
  deletionError?: ErrorInfo;
}

export interface StoredResource {
  id: string;
  type: string;
  /** Of the resource and its parents. */
  fullName: string;
  /** Everything that a GET returns except id, name and type. */
  body: ValueObject;
}

export interface DeploymentOperation {
  operationId: string;
  properties: {
    provisioningOperation: 'Create' | 'EvaluateDeploymentOutput';
    provisioningState: 'Running' | 'Succeeded' | 'Failed';
    timestamp: string;
    duration: string;
    trackingId: string;
    statusCode?: string;
    statusMessage?: { error: ErrorInfo };
    targetResource?: { id: string; resourceType: string; resourceName: string };
  };
}

export type DeploymentState = 'Accepted' | 'Running' | 'Succeeded' | 'Failed' | 'Canceled';

export interface Deployment {
  id: string;
  name: string;
  group: string;
  /** Of the deployment around it. */
  tags?: Record<string, string>;
  properties: {
    provisioningState: DeploymentState;
    correlationId: string;
    timestamp: string;
    duration: string;
    mode: string;
    templateHash: string;
    parameters: object;
    outputs?: object;
    outputResources?: { id: string }[];
    error?: ErrorInfo;
    providers: object[];
    dependencies: object[];
  };
  operations: DeploymentOperation[];
}

export interface DeletedVault {
  name: string;
  vaultId: string;
  location: string;
  tags: Record<string, string>;
  deletionDate: string;
  scheduledPurgeDate: string;
  isPurgeProtected: boolean;
}

export const resourceManagerSchema = `
  CREATE TABLE IF NOT EXISTS armItem (
    kind TEXT NOT NULL, key TEXT NOT NULL, groupKey TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)
  );
  CREATE INDEX IF NOT EXISTS armItemByGroup ON armItem (kind, groupKey);
`;

/** Items of one kind; keys and groups do not distinguish letter case. */
export interface Items<T> {
  get(key: string): T | undefined;
  put(key: string, group: string, item: T): void;
  delete(key: string): void;
  /** In the order in which they were first put. */
  inGroup(group: string): T[];
  /** Those whose key begins so. */
  below(prefix: string): T[];
  all(): T[];
}

export interface ResourceStore {
  /** By name. */
  groups: Items<ResourceGroup>;
  /** By id; those that belong to no group have an empty one. */
  resources: Items<StoredResource>;
  /** By id. */
  deployments: Items<Deployment>;
  /** By name. */
  deletedVaults: Items<DeletedVault>;
}

/** `database` must have been opened with `resourceManagerSchema`. */
export function createResourceStore(database: Database): ResourceStore {
  return {
    groups: itemsOf(database, 'group'),
    resources: itemsOf(database, 'resource'),
    deployments: itemsOf(database, 'deployment'),
    deletedVaults: itemsOf(database, 'deletedVault'),
  };
}

function itemsOf<T>(database: Database, kind: string): Items<T> {
  const get = database.prepare('SELECT body FROM armItem WHERE kind = ? AND key = ?');
  const put = database.prepare(
    'INSERT INTO armItem (kind, key, groupKey, body) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, groupKey = excluded.groupKey',
  );
  const remove = database.prepare('DELETE FROM armItem WHERE kind = ? AND key = ?');
  const inGroup = database.prepare('SELECT body FROM armItem WHERE kind = ? AND groupKey = ? ORDER BY rowid');
  const below = database.prepare(
    'SELECT body FROM armItem WHERE kind = ? AND key >= ? AND key < ? ORDER BY rowid',
  );
  const all = database.prepare('SELECT body FROM armItem WHERE kind = ? ORDER BY rowid');
  const parse = (row: unknown): T => JSON.parse((row as { body: string }).body) as T;
  return {
    get: (key) => {
      const row: unknown = get.get(kind, key.toLowerCase());
      return row === undefined ? undefined : parse(row);
    },
    put: (key, group, item) =>
      void put.run(kind, key.toLowerCase(), group.toLowerCase(), JSON.stringify(item)),
    delete: (key) => void remove.run(kind, key.toLowerCase()),
    inGroup: (group) => inGroup.all(kind, group.toLowerCase()).map(parse),
    below: (prefix) => below.all(kind, prefix.toLowerCase(), `${prefix.toLowerCase()}\u{10ffff}`).map(parse),
    all: () => all.all(kind).map(parse),
  };
}
