/** Requests that address one document by its path. */
import {
  deleteItem,
  type ItemAddress,
  type ItemResult,
  parsePatch,
  patchItem,
  readItem,
  replaceItem,
} from './item-operations';
import { badRequest, CosmosError, type GatewayResponse, parseJson } from './message';
import { isObject, type Json, type JsonObject } from './query/values';
import { type GatewayState, type RoutedRequest } from './routed-request';
import { sessionHeaders, viewOf } from './session';
import { type Container } from './store/catalogue';
import { maxDocumentBytes } from './store/documents';
import { parsePartitionKey } from './store/partition-key';

export function readDocument(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const container = containerOf(state, request);
  const { documents, lsn } = viewOf(state, container, request);
  return respond(container, readItem(documents, addressOf(container, request), conditionsOf(request)), lsn);
}

export function replaceDocument(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const container = containerOf(state, request);
  const address = addressOf(container, request);
  return respond(
    container,
    replaceItem(container, address, readDocumentBody(request), conditionsOf(request)),
  );
}

export function patchDocument(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const container = containerOf(state, request);
  const patch = parsePatch(readJson(request));
  return respond(
    container,
    patchItem(container, addressOf(container, request), patch, conditionsOf(request)),
  );
}

export function deleteDocument(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const container = containerOf(state, request);
  return respond(container, deleteItem(container, addressOf(container, request), conditionsOf(request)));
}

export function containerOf({ catalogue }: GatewayState, request: RoutedRequest): Container {
  return catalogue.container(request.database, request.container);
}

export function conditionsOf({ headers }: RoutedRequest) {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

/** The complete partition key of the request, when it names one. Raises 400 for a part of one. */
export function partitionKeyHeader(container: Container, { headers }: RoutedRequest): string | undefined {
  const header = headers['x-ms-documentdb-partitionkey'];
  if (header === undefined) return undefined;
  const key = parsePartitionKey(header, container.definition.partitionKey.paths);
  if (!key.complete) throw badRequest('The partition key must be complete for this operation.', 1001);
  return key.text;
}

/** Raises 413 before the body is parsed, as the service does. */
function readJson({ body }: RoutedRequest): Json {
  if (Buffer.byteLength(body) > maxDocumentBytes) throw new CosmosError(413, 'Request size is too large.');
  return parseJson(body) as Json;
}

export function readDocumentBody(request: RoutedRequest): JsonObject {
  const body = readJson(request);
  if (!isObject(body)) throw badRequest('The document must be a JSON object.');
  return body;
}

/** @param lsn the last write that a read saw; absent: the container's last one */
export function respond(
  container: Container,
  { status, document }: ItemResult,
  lsn = container.documents.lsn,
): GatewayResponse {
  const sizeKib = Math.ceil((document?.body.length ?? 0) / 1024);
  const headers = {
    ...(document && { etag: document.etag }),
    ...sessionHeaders(container, lsn),
    // An approximation: 1 unit per KiB read, 5 per KiB written.
    'x-ms-request-charge': String(Math.max(1, sizeKib) * (status === 200 || status === 304 ? 1 : 5)),
  };
  return { status, headers, body: status === 304 ? '' : (document?.body ?? '') };
}

function addressOf(container: Container, request: RoutedRequest): ItemAddress {
  const partitionKey = partitionKeyHeader(container, request);
  if (partitionKey === undefined) throw badRequest('The partition key is missing.', 1001);
  return { partitionKey, id: request.id };
}
