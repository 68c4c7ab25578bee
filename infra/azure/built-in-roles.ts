/**
 * Azure's built-in roles that this backend is given, with their published permissions. Sources:
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage (…/security, …/integration, …/monitor)
 * and https://learn.microsoft.com/azure/cosmos-db/reference-data-plane-security.
 */

export interface RoleDefinition {
  /** The GUID in the role definition's resource id; for Cosmos DB, of its own kind of role definitions. */
  readonly id: string;
  /** Of the resource provider; `*` stands for any text. */
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices';
const QUEUES = 'Microsoft.Storage/storageAccounts/queueServices/queues';
const TABLES = 'Microsoft.Storage/storageAccounts/tableServices/tables';
const COSMOS = 'Microsoft.DocumentDB/databaseAccounts';

export const BUILT_IN_ROLES = {
  'Storage Blob Data Owner': {
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    actions: [`${BLOBS}/containers/*`, `${BLOBS}/generateUserDelegationKey/action`],
    dataActions: [`${BLOBS}/containers/blobs/*`],
  },
  'Storage Blob Data Contributor': {
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    actions: [
      `${BLOBS}/containers/delete`,
      `${BLOBS}/containers/read`,
      `${BLOBS}/containers/write`,
      `${BLOBS}/generateUserDelegationKey/action`,
    ],
    dataActions: [
      `${BLOBS}/containers/blobs/delete`,
      `${BLOBS}/containers/blobs/read`,
      `${BLOBS}/containers/blobs/write`,
      `${BLOBS}/containers/blobs/move/action`,
      `${BLOBS}/containers/blobs/add/action`,
    ],
  },
  'Storage Queue Data Contributor': {
    id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    actions: [`${QUEUES}/delete`, `${QUEUES}/read`, `${QUEUES}/write`],
    dataActions: [
      `${QUEUES}/messages/delete`,
      `${QUEUES}/messages/read`,
      `${QUEUES}/messages/write`,
      `${QUEUES}/messages/process/action`,
    ],
  },
  'Storage Queue Data Message Sender': {
    id: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
    actions: [],
    dataActions: [`${QUEUES}/messages/add/action`],
  },
  'Storage Queue Data Reader': {
    id: '19e7f393-937e-4f77-808e-94535e297925',
    actions: [`${QUEUES}/read`],
    dataActions: [`${QUEUES}/messages/read`],
  },
  'Storage Table Data Contributor': {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    actions: [`${TABLES}/read`, `${TABLES}/write`, `${TABLES}/delete`],
    dataActions: [
      `${TABLES}/entities/read`,
      `${TABLES}/entities/write`,
      `${TABLES}/entities/delete`,
      `${TABLES}/entities/add/action`,
      `${TABLES}/entities/update/action`,
    ],
  },
  'Key Vault Secrets Officer': {
    id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    actions: [],
    dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
  },
  'EventGrid Data Sender': {
    id: 'd5a91429-5739-47e2-a06b-3470a27159e7',
    actions: [],
    dataActions: ['Microsoft.EventGrid/events/send/action'],
  },
  'Monitoring Metrics Publisher': {
    id: '3913510d-42f4-4e42-8a64-420c390055eb',
    actions: [],
    dataActions: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write'],
  },
  /** One of the account's own roles, assigned by `sqlRoleAssignments`. It makes no database and no container. */
  'Cosmos DB Built-in Data Contributor': {
    id: '00000000-0000-0000-0000-000000000002',
    actions: [],
    dataActions: [
      `${COSMOS}/readMetadata`,
      `${COSMOS}/sqlDatabases/containers/*`,
      `${COSMOS}/sqlDatabases/containers/items/*`,
    ],
  },
} as const satisfies Record<string, RoleDefinition>;

export type RoleName = keyof typeof BUILT_IN_ROLES;

/** Whether one of the roles permits it: `Microsoft.Storage/…/messages/read` and the like; letter case does not matter. */
export function permits(roles: readonly RoleName[], permission: string): boolean {
  return roles.some((name) => {
    const { actions, dataActions }: RoleDefinition = BUILT_IN_ROLES[name];
    return [...actions, ...dataActions].some((pattern) => matches(pattern, permission));
  });
}

function matches(pattern: string, permission: string): boolean {
  const expression = pattern
    .split('*')
    .map((text) => text.replaceAll('.', '\\.'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(permission);
}
