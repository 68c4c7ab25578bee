/** Requests on a container's documents as a whole: create, upsert, batch, query, query plan, change feed. */
import { executeBatch } from './batch';
import { executeQuery, type QueryRequest } from './execute';
import { createItem, upsertItem } from './item-operations';
import { conditionsOf, containerOf, partitionKeyHeader, readDocumentBody, respond } from './item-requests';
import {
  badRequest,
  CosmosError,
  type GatewayResponse,
  json,
  notImplemented,
  readJsonObject,
} from './message';
import { parseQuery } from './query/parser';
import { needsPlan, queryPlan } from './query/plan';
import { type Query } from './query/syntax';
import { type Json } from './query/values';
import { type GatewayState, type RoutedRequest } from './routed-request';
import { sessionHeaders, viewOf } from './session';
import { type Container } from './store/catalogue';
import { parsePartitionKey, partitionSql, type RequestedKey } from './store/partition-key';

const defaultPageSize = 100;
const maxPageSize = 1000;

/** The substatus that makes the SDK execute the query by its plan. */
const crossPartitionNotServable = 1004;

export function postToFeed(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const { headers } = request;
  const container = containerOf(state, request);
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request'])) return json(200, queryPlan(readQuery(request)));
  if (isTrue(headers['x-ms-documentdb-isquery'])) return query(state, container, request);
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return batch(container, request);
  const body = readDocumentBody(request);
  const partitionKey = partitionKeyHeader(container, request);
  const result = isTrue(headers['x-ms-documentdb-is-upsert'])
    ? upsertItem(container, partitionKey, body, conditionsOf(request))
    : createItem(container, partitionKey, body);
  return respond(container, result);
}

/** All documents, or with `A-IM` those that changed. */
export function getFeed(state: GatewayState, request: RoutedRequest): GatewayResponse {
  const container = containerOf(state, request);
  if (request.headers['a-im'] !== undefined) return changes(container, request);
  return page(state, container, parseQuery('SELECT * FROM c'), request);
}

function query(state: GatewayState, container: Container, request: RoutedRequest): GatewayResponse {
  const parsed = readQuery(request);
  const { headers } = request;
  const crossesPartitions =
    headers['x-ms-documentdb-partitionkey'] === undefined &&
    headers['x-ms-documentdb-partitionkeyrangeid'] === undefined;
  if (state.strict && crossesPartitions && needsPlan(parsed)) {
    throw new CosmosError(400, 'The query needs its plan: it cannot be served across partitions directly.', {
      substatus: crossPartitionNotServable,
      additionalErrorInfo: JSON.stringify(queryPlan(parsed)),
    });
  }
  return page(state, container, parsed, request);
}

function page(
  state: GatewayState,
  container: Container,
  parsed: Query,
  request: RoutedRequest,
): GatewayResponse {
  refuseRanges(request);
  const view = viewOf(state, container, request);
  const { documents, continuation } = executeQuery(container, parsed, {
    documents: view.documents,
    indexedOnly: state.strict && !isTrue(request.headers['x-ms-documentdb-query-enable-scan']),
    partition: partitionOf(container, request),
    maxItemCount: pageSize(request),
    continuation: request.headers['x-ms-continuation'],
  } satisfies QueryRequest);
  return feed(container, documents, view.lsn, {
    'x-ms-request-charge': String(2 + documents.length / 10),
    ...(continuation !== undefined && { 'x-ms-continuation': continuation }),
  });
}

/** Source: "List documents" with `A-IM: Incremental feed`; the ETag is the number of the last change returned. */
function changes(container: Container, request: RoutedRequest): GatewayResponse {
  const { headers } = request;
  if (!/^incremental feed$/iu.test(headers['a-im'] ?? ''))
    throw notImplemented(`the change feed mode ${headers['a-im']}`);
  refuseRanges(request);
  const { documents } = container;
  const filters = [...partitionFilter(container, request), ...modifiedSince(headers['if-modified-since'])];
  const since = changedSince(container, headers['if-none-match']);
  const found = documents.changesSince(since, filters, pageSize(request));
  const etag = `"${found.at(-1)?.lsn ?? since}"`;
  if (found.length === 0)
    return { status: 304, headers: { etag, ...sessionHeaders(container, documents.lsn) }, body: '' };
  const bodies = found.map(({ body, lsn }) => `${body.slice(0, -1)},"_lsn":${lsn}}`);
  return feed(container, bodies, documents.lsn, { etag, 'x-ms-request-charge': '2' });
}

/** Where the feed continues: at an ETag of it, now (`*`), or from the beginning. */
function changedSince({ documents }: Container, ifNoneMatch: string | undefined): number {
  if (ifNoneMatch === undefined) return 0;
  if (ifNoneMatch === '*') return documents.lsn;
  const lsn = /^"?(\d+)"?$/u.exec(ifNoneMatch)?.[1];
  if (lsn === undefined) throw badRequest('The If-None-Match of a change feed must be an ETag of the feed.');
  return Number(lsn);
}

function modifiedSince(date: string | undefined) {
  if (date === undefined) return [];
  const milliseconds = Date.parse(date);
  if (Number.isNaN(milliseconds)) throw badRequest('If-Modified-Since is not a date.');
  return [{ sql: 'ts>=?', args: [Math.floor(milliseconds / 1000)] }];
}

function batch(container: Container, request: RoutedRequest): GatewayResponse {
  const { headers, body } = request;
  const { status, results } = executeBatch(container, {
    atomic: isTrue(headers['x-ms-cosmos-batch-atomic']),
    continueOnError: headers['x-ms-cosmos-batch-continue-on-error']?.toLowerCase() !== 'false',
    partitionKey: partitionKeyHeader(container, request),
    body,
  });
  const minimal = headers.prefer === 'return=minimal';
  const shown = minimal ? results.map(({ resourceBody: _body, ...result }) => result) : results;
  return json(status, shown, {
    ...sessionHeaders(container, container.documents.lsn),
    'x-ms-request-charge': String(5 * results.length),
  });
}

function feed(
  container: Container,
  documents: readonly string[],
  lsn: number,
  headers: Record<string, string>,
): GatewayResponse {
  const rid = JSON.stringify(container.resource._rid);
  return {
    status: 200,
    headers: { ...sessionHeaders(container, lsn), ...headers, 'x-ms-item-count': String(documents.length) },
    body: `{"_rid":${rid},"Documents":[${documents.join(',')}],"_count":${documents.length}}`,
  };
}

function readQuery({ body }: RoutedRequest): Query {
  const { query: text, parameters = [] } = readJsonObject(body);
  if (typeof text !== 'string' || !Array.isArray(parameters)) throw badRequest('The query has no text.');
  const named = (parameters as { name?: unknown; value?: Json }[]).flatMap(({ name, value }) =>
    typeof name === 'string' && value !== undefined ? [[name, value] as const] : [],
  );
  return parseQuery(text, new Map(named));
}

function partitionOf(container: Container, { headers }: RoutedRequest): RequestedKey | undefined {
  const header = headers['x-ms-documentdb-partitionkey'];
  return header === undefined
    ? undefined
    : parsePartitionKey(header, container.definition.partitionKey.paths);
}

function partitionFilter(container: Container, request: RoutedRequest) {
  const key = partitionOf(container, request);
  return key ? [partitionSql(key)] : [];
}

function pageSize({ headers }: RoutedRequest): number {
  const wanted = Number(headers['x-ms-max-item-count'] ?? defaultPageSize);
  if (wanted === -1) return maxPageSize;
  if (!Number.isInteger(wanted) || wanted < 1)
    throw badRequest('x-ms-max-item-count must be -1 or at least 1.');
  return Math.min(wanted, maxPageSize);
}

/** There is one range only; a part of it cannot be requested. */
function refuseRanges({ headers }: RoutedRequest): void {
  if (headers['x-ms-start-epk'] !== undefined) throw notImplemented('feed ranges smaller than the container');
}

const isTrue = (header: string | undefined) => header?.toLowerCase() === 'true';
