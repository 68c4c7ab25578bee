/** Maps method and path to an operation. */
import { type GatewayRequest, type GatewayResponse, badRequest, json, notImplemented } from './message';
import { createContainer, createDatabase, readAccount, readRanges, replaceContainer } from './definitions';
import { deleteDocument, patchDocument, readDocument, replaceDocument } from './item-requests';
import { getFeed, postToFeed } from './feed-requests';
import { type GatewayState, type RoutedRequest } from './routed-request';

type Operation = (state: GatewayState, request: RoutedRequest) => GatewayResponse;

/** Keys are the method and the kinds of resource along the path; `/*` at the end: one of them, not the feed. */
const operations: Readonly<Record<string, Operation>> = {
  'GET ': (_state, request) => readAccount(request),
  'GET dbs': ({ catalogue }) => list('Databases', catalogue.databases()),
  'POST dbs': createDatabase,
  'GET dbs/*': ({ catalogue }, { database }) => json(200, catalogue.database(database)),
  'DELETE dbs/*': ({ catalogue }, { database }) => {
    catalogue.deleteDatabase(database);
    return { status: 204, headers: {}, body: '' };
  },
  'GET dbs/colls': ({ catalogue }, { database }) =>
    list('DocumentCollections', catalogue.containersOf(database)),
  'POST dbs/colls': createContainer,
  'GET dbs/colls/*': ({ catalogue }, { database, container }) =>
    json(200, catalogue.container(database, container).resource),
  'PUT dbs/colls/*': replaceContainer,
  'DELETE dbs/colls/*': ({ catalogue }, { database, container }) => {
    catalogue.deleteContainer(database, container);
    return { status: 204, headers: {}, body: '' };
  },
  'GET dbs/colls/pkranges': readRanges,
  'GET dbs/colls/docs': getFeed,
  'POST dbs/colls/docs': postToFeed,
  'GET dbs/colls/docs/*': readDocument,
  'PUT dbs/colls/docs/*': replaceDocument,
  'PATCH dbs/colls/docs/*': patchDocument,
  'DELETE dbs/colls/docs/*': deleteDocument,
};

/** Raises 501 for a resource or method that is not implemented. */
export function route(state: GatewayState, request: GatewayRequest): GatewayResponse {
  const steps = decodePath(request.path);
  const kinds = steps.filter((_step, i) => i % 2 === 0);
  const [database = '', container = '', id = ''] = steps.filter((_step, i) => i % 2 === 1);
  const one = steps.length > 0 && steps.length % 2 === 0 ? '/*' : '';
  const name = `${request.method} ${kinds.join('/')}${one}`;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) throw notImplemented(`${request.method} on ${kinds.join('/') || 'the account'}`);
  return operation(state, { ...request, database, container, id });
}

function decodePath(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((step) => step !== '')
      .map(decodeURIComponent);
  } catch (cause) {
    throw badRequest('The path is not valid.', undefined, cause);
  }
}

function list(name: string, resources: readonly object[]): GatewayResponse {
  const body = { _rid: '', [name]: resources, _count: resources.length };
  return json(200, body, { 'x-ms-item-count': String(resources.length) });
}
