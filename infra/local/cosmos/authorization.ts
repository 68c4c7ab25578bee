/**
 * Which permission each call needs, as the account's own roles give it: no role of the data plane makes or changes a
 * database or container. Sources: https://learn.microsoft.com/azure/cosmos-db/reference-data-plane-security,
 * https://learn.microsoft.com/azure/cosmos-db/troubleshoot-forbidden (substatus 5300).
 */
import { type AccessControl, type Operation } from '../access/access-control';
import { CosmosError, type GatewayRequest } from './message';

/** The object id of a token's principal; undefined for the account's key, which may do everything. */
export type Principal = string | undefined;

const ACCOUNT = 'Microsoft.DocumentDB/databaseAccounts';
const CONTAINER = `${ACCOUNT}/sqlDatabases/containers`;

const METADATA: Operation = { name: 'Read metadata', needed: [[`${ACCOUNT}/readMetadata`]] };
const QUERY = onContainer('Query items', 'executeQuery');
const CREATE = onItems('Create item', 'create');
const UPSERT = onItems('Upsert item', 'upsert');
const READ = onItems('Read item', 'read');
const REPLACE = onItems('Replace item', 'replace');
const DELETE = onItems('Delete item', 'delete');

/** Of one document, by method; a patch is a kind of replacement. */
const ON_DOCUMENT: Readonly<Record<string, Operation>> = {
  GET: READ,
  PUT: REPLACE,
  PATCH: REPLACE,
  DELETE,
};

/** By the operations of a batch. */
const IN_BATCH: Readonly<Record<string, Operation>> = {
  Create: CREATE,
  Upsert: UPSERT,
  Read: READ,
  Replace: REPLACE,
  Patch: REPLACE,
  Delete: DELETE,
};

/** Raises 403 unless the principal may make this call. */
export function authorize(access: AccessControl, principal: Principal, request: GatewayRequest): void {
  if (principal === undefined) return;
  for (const operation of operationsOf(request)) {
    if (access.allows(principal, operation)) continue;
    throw operation.needed.length === 0 ? notInDataPlane(request) : notPermitted(principal, operation);
  }
}

/** What the call does; an operation that needs what no role has is none of the data plane. */
function operationsOf(request: GatewayRequest): readonly Operation[] {
  const { method, path, headers } = request;
  const kinds = path
    .split('/')
    .filter((step) => step !== '')
    .map((step, i) => (i % 2 === 0 ? step : '*'));
  if (!kinds.includes('docs'))
    return [method === 'GET' ? METADATA : { name: `${method} /${kinds.join('/')}`, needed: [] }];
  if (kinds.at(-1) === '*') return [ON_DOCUMENT[method] ?? REPLACE];
  const has = (header: string): boolean => headers[header]?.toLowerCase() === 'true';
  if (method === 'GET')
    return [headers['a-im'] === undefined ? QUERY : onContainer('Read change feed', 'readChangeFeed')];
  if (has('x-ms-cosmos-is-query-plan-request') || has('x-ms-documentdb-isquery')) return [QUERY];
  if (has('x-ms-cosmos-is-batch-request')) return batchOperations(request.body);
  return [has('x-ms-documentdb-is-upsert') ? UPSERT : CREATE];
}

/** A body that is no batch is refused later, as what it is. */
function batchOperations(body: string): readonly Operation[] {
  let batch: unknown;
  try {
    batch = JSON.parse(body);
  } catch {
    return [];
  }
  if (!Array.isArray(batch)) return [];
  const types = (batch as { operationType?: unknown }[]).map(({ operationType }) => String(operationType));
  return [...new Set(types)].flatMap((type) => IN_BATCH[type] ?? []);
}

function onContainer(name: string, action: string): Operation {
  return { name, needed: [[`${CONTAINER}/${action}`]] };
}

function onItems(name: string, action: string): Operation {
  return { name, needed: [[`${CONTAINER}/items/${action}`]] };
}

function notInDataPlane({ method, path }: GatewayRequest): CosmosError {
  return new CosmosError(
    403,
    `The given request [${method} ${path}] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`,
    { substatus: 5300 },
  );
}

function notPermitted(principal: string, operation: Operation): CosmosError {
  const [[permission = ''] = []] = operation.needed;
  return new CosmosError(
    403,
    `Request is blocked because principal [${principal}] does not have required RBAC permissions to perform action [${permission}] on resource [/]. Learn more: https://aka.ms/cosmos-native-rbac.`,
    { substatus: operation === METADATA ? 5301 : 5302 },
  );
}
