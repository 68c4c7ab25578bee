/** Transactional batches and bulk requests: a list of point operations in one request. */
import {
  type Conditions,
  createItem,
  deleteItem,
  type ItemResult,
  parsePatch,
  patchItem,
  readItem,
  replaceItem,
  upsertItem,
} from './item-operations';
import { badRequest, CosmosError, parseJson } from './message';
import { isObject, type Json, type JsonObject } from './query/values';
import { QuerySyntaxError } from './query/tokenizer';
import { type Container } from './store/catalogue';
import { maxDocumentBytes } from './store/documents';
import { parsePartitionKey } from './store/partition-key';

/** The service's limit for one request. */
const maxOperations = 100;

export interface BatchRequest {
  /** All or nothing, within one partition. */
  readonly atomic: boolean;
  /** Of a bulk request: whether later operations run after one has failed. */
  readonly continueOnError: boolean;
  /** The partition of an atomic batch. */
  readonly partitionKey: string | undefined;
  readonly body: string;
}

export interface BatchResult {
  /** 200, or 207 when an operation failed. */
  readonly status: number;
  readonly results: readonly OperationResult[];
}

interface OperationResult {
  readonly statusCode: number;
  readonly subStatusCode?: number;
  readonly requestCharge: number;
  readonly eTag?: string;
  readonly resourceBody?: Json;
  readonly message?: string;
}

/** Ends an atomic batch at its first failure, so that the transaction rolls back. */
class BatchFailure extends Error {
  override readonly name = 'BatchFailure';

  constructor(readonly results: OperationResult[]) {
    super('An operation of the batch failed.');
  }
}

/** Raises 400 for a malformed list, 413 when the request is too large. */
export function executeBatch(container: Container, request: BatchRequest): BatchResult {
  const operations = parseOperations(request.body);
  try {
    // One transaction also for bulk: it saves a commit per operation, and a failed one leaves nothing behind.
    const results = container.documents.atomically(() => runAll(container, operations, request));
    return { status: results.some(failed) ? 207 : 200, results };
  } catch (error) {
    if (!(error instanceof BatchFailure)) throw error;
    return { status: 207, results: error.results };
  }
}

function runAll(
  container: Container,
  operations: readonly JsonObject[],
  request: BatchRequest,
): OperationResult[] {
  const results: OperationResult[] = [];
  for (const operation of operations) {
    const result = run(container, operation, request);
    results.push(result);
    if (!failed(result)) continue;
    if (request.atomic)
      throw new BatchFailure(operations.map((_other, i) => (i === results.length - 1 ? result : dependent)));
    if (!request.continueOnError) return operations.map((_other, i) => results[i] ?? dependent);
  }
  return results;
}

/** The result of an operation that failed because of another one. */
const dependent: OperationResult = { statusCode: 424, requestCharge: 0 };

const failed = ({ statusCode }: OperationResult) => statusCode >= 400;

function run(container: Container, operation: JsonObject, request: BatchRequest): OperationResult {
  try {
    const { status, document } = dispatch(container, operation, request);
    return {
      statusCode: status,
      requestCharge: 1,
      ...(document && { eTag: document.etag }),
      ...(document && status !== 304 && { resourceBody: JSON.parse(document.body) as Json }),
    };
  } catch (error) {
    if (error instanceof QuerySyntaxError)
      return { statusCode: 400, requestCharge: 1, message: error.message };
    if (!(error instanceof CosmosError)) throw error;
    const { substatus } = error.details;
    return {
      statusCode: error.status,
      requestCharge: 1,
      message: error.message,
      ...(substatus !== undefined && { subStatusCode: substatus }),
    };
  }
}

function dispatch(container: Container, operation: JsonObject, request: BatchRequest): ItemResult {
  const partitionKey = partitionOf(container, operation, request);
  const conditions: Conditions = {
    ifMatch: text(operation.ifMatch),
    ifNoneMatch: text(operation.ifNoneMatch),
  };
  const body = () => (isObject(operation.resourceBody) ? operation.resourceBody : missing('resourceBody'));
  const address = () => ({ partitionKey, id: text(operation.id) ?? missing('id') });
  switch (operation.operationType) {
    case 'Create':
      return createItem(container, partitionKey, body());
    case 'Upsert':
      return upsertItem(container, partitionKey, body(), conditions);
    case 'Read':
      return readItem(container.documents, address(), conditions);
    case 'Replace':
      return replaceItem(container, address(), body(), conditions);
    case 'Patch':
      return patchItem(container, address(), parsePatch(operation.resourceBody ?? null), conditions);
    case 'Delete':
      return deleteItem(container, address(), conditions);
    default:
      throw badRequest('The operationType is not known.');
  }
}

/** A bulk operation carries its own key; in a batch it may only repeat the request's. */
function partitionOf(
  container: Container,
  operation: JsonObject,
  { atomic, partitionKey }: BatchRequest,
): string {
  const { paths } = container.definition.partitionKey;
  const given = text(operation.partitionKey);
  const own = given === undefined ? undefined : parsePartitionKey(given, paths).text;
  if (atomic && own !== undefined && own !== partitionKey)
    throw badRequest('A batch cannot span partitions.');
  return own ?? partitionKey ?? missing('partitionKey');
}

function parseOperations(body: string): JsonObject[] {
  if (Buffer.byteLength(body) > maxDocumentBytes) throw new CosmosError(413, 'Request size is too large.');
  const operations = parseJson(body);
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > maxOperations) {
    throw badRequest(`A batch has 1 to ${maxOperations} operations.`);
  }
  return operations as JsonObject[];
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : undefined);

function missing(name: string): never {
  throw badRequest(`The operation has no ${name}.`);
}
