/** Requests about the account, databases, containers and partition key ranges. */
import {
  badRequest,
  type GatewayRequest,
  type GatewayResponse,
  json,
  notImplemented,
  readJsonObject,
} from './message';
import { type GatewayState, type RoutedRequest } from './routed-request';
import { completeDefinition } from './store/definition';

/** The account document: one region, and the address at which the client found it. */
export function readAccount({ origin }: GatewayRequest): GatewayResponse {
  const region = [{ name: 'Local', databaseAccountEndpoint: `${origin}/` }];
  return json(200, {
    id: 'local-gateway',
    _rid: 'local-gateway',
    _self: '',
    _dbs: '//dbs/',
    media: '//media/',
    addresses: '//addresses/',
    writableLocations: region,
    readableLocations: region,
    enableMultipleWriteLocations: false,
    enablePerPartitionFailoverBehavior: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 1 },
    userConsistencyPolicy: {
      defaultConsistencyLevel: 'BoundedStaleness',
      maxStalenessPrefix: 100,
      maxStalenessIntervalInSeconds: 5,
    },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 1 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: '{}',
  });
}

export function createDatabase(
  { catalogue }: GatewayState,
  { body, headers }: RoutedRequest,
): GatewayResponse {
  refuseQuery(headers, 'databases');
  const { id } = readJsonObject(body);
  if (typeof id !== 'string' || id === '') throw badRequest('The database needs an id.');
  return json(201, catalogue.createDatabase(id));
}

/** Throughput headers are accepted and ignored: one machine has nothing to provision. */
export function createContainer({ catalogue }: GatewayState, request: RoutedRequest): GatewayResponse {
  refuseQuery(request.headers, 'containers');
  const definition = completeDefinition(readJsonObject(request.body));
  return json(201, catalogue.createContainer(request.database, definition).resource);
}

export function replaceContainer({ catalogue }: GatewayState, request: RoutedRequest): GatewayResponse {
  const definition = completeDefinition(readJsonObject(request.body));
  return json(200, catalogue.replaceContainer(request.database, request.container, definition).resource);
}

/** One range holds all partitions. A second read with the same ETag tells the client that nothing changed. */
export function readRanges({ catalogue }: GatewayState, request: RoutedRequest): GatewayResponse {
  const { resource } = catalogue.container(request.database, request.container);
  const etag = '"one-range"';
  if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag }, body: '' };
  const range = {
    id: '0',
    _rid: `${resource._rid}range`,
    minInclusive: '',
    maxExclusive: 'FF',
    status: 'online',
  };
  const body = { _rid: resource._rid, PartitionKeyRanges: [{ ...range, parents: [] }], _count: 1 };
  return json(200, body, { etag, 'x-ms-item-count': '1' });
}

function refuseQuery(headers: RoutedRequest['headers'], what: string): void {
  if (headers['x-ms-documentdb-isquery'] !== undefined) throw notImplemented(`queries over ${what}`);
}
