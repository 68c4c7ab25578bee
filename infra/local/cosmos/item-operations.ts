/** The point operations on documents, for single requests and for parts of a batch. */
import { badRequest, CosmosError, notFound } from './message';
import { applyPatch, type PatchOperation, touchesPartitionKey } from './patch';
import { compileRows } from './query/evaluate';
import { parseQuery } from './query/parser';
import { isObject, type Json, type JsonObject } from './query/values';
import { type Container } from './store/catalogue';
import { type DocumentReader, type StoredDocument } from './store/reader';
import { checkPartitionKey, partitionKeyOf } from './store/partition-key';

/** What a point operation answers with. */
export interface ItemResult {
  readonly status: number;
  /** Absent after a delete. */
  readonly document?: StoredDocument;
}

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** The document a request addresses. */
export interface ItemAddress {
  readonly partitionKey: string;
  readonly id: string;
}

/** 200, or 304 when the client holds this version. Raises 404. */
export function readItem(
  documents: DocumentReader,
  address: ItemAddress,
  { ifNoneMatch }: Conditions,
): ItemResult {
  const document = existing(documents, address);
  return { status: ifNoneMatch === document.etag || ifNoneMatch === '*' ? 304 : 200, document };
}

/** 201. Raises 409 when the id is taken. */
export function createItem(
  container: Container,
  partitionKey: string | undefined,
  body: JsonObject,
): ItemResult {
  const { key, id } = checkNew(container, partitionKey, body);
  return { status: 201, document: container.documents.insert(key, id, content(body)) };
}

/** 200 or 201. An If-Match is checked only against a document that exists (412): otherwise it is created. */
export function upsertItem(
  container: Container,
  partitionKey: string | undefined,
  body: JsonObject,
  conditions: Conditions,
): ItemResult {
  const { key, id } = checkNew(container, partitionKey, body);
  return container.documents.atomically(() => {
    const current = container.documents.find(key, id);
    if (!current) return { status: 201, document: container.documents.insert(key, id, content(body)) };
    checkMatch(current, conditions);
    return { status: 200, document: container.documents.update(current, content(body)) };
  });
}

/** 200. Raises 404, or 412 when If-Match names another version. */
export function replaceItem(
  container: Container,
  address: ItemAddress,
  body: JsonObject,
  conditions: Conditions,
): ItemResult {
  if (validId(body) !== address.id) throw badRequest('The id of a document cannot be changed.');
  checkPartitionKey(body, container.definition.partitionKey.paths, address.partitionKey);
  return container.documents.atomically(() => {
    const current = existing(container.documents, address);
    checkMatch(current, conditions);
    return { status: 200, document: container.documents.update(current, content(body)) };
  });
}

/** 200. Raises 404, or 412 when If-Match or the patch's own condition fails. */
export function patchItem(
  container: Container,
  address: ItemAddress,
  patch: { readonly operations: readonly PatchOperation[]; readonly condition?: string | undefined },
  conditions: Conditions,
): ItemResult {
  if (touchesPartitionKey(patch.operations, container.definition.partitionKey.paths)) {
    throw badRequest('The partition key of a document cannot be patched.');
  }
  return container.documents.atomically(() => {
    const current = existing(container.documents, address);
    checkMatch(current, conditions);
    const document = JSON.parse(current.body) as JsonObject;
    if (patch.condition !== undefined && !holds(patch.condition, document)) throw preconditionFailed();
    return {
      status: 200,
      document: container.documents.update(current, content(applyPatch(document, patch.operations))),
    };
  });
}

/** 204. Raises 404, or 412 when If-Match names another version. */
export function deleteItem(container: Container, address: ItemAddress, conditions: Conditions): ItemResult {
  return container.documents.atomically(() => {
    const current = existing(container.documents, address);
    checkMatch(current, conditions);
    container.documents.remove(current);
    return { status: 204 };
  });
}

/** Reads the body of a PATCH: a list of operations, or an object with operations and condition. */
export function parsePatch(body: Json): { operations: PatchOperation[]; condition?: string } {
  const { operations, condition } = Array.isArray(body) ? { operations: body } : ((body ?? {}) as JsonObject);
  if (!Array.isArray(operations)) throw badRequest('The patch has no operations.');
  if (!operations.every(isPatchOperation)) throw badRequest('A patch operation needs op and path.');
  return typeof condition === 'string' ? { operations, condition } : { operations };
}

function isPatchOperation(operation: Json): operation is JsonObject & PatchOperation {
  return isObject(operation) && typeof operation['op'] === 'string' && typeof operation['path'] === 'string';
}

function existing(documents: DocumentReader, { partitionKey, id }: ItemAddress): StoredDocument {
  const document = documents.find(partitionKey, id);
  if (!document) throw notFound(`document ${id}`);
  return document;
}

function checkMatch(current: StoredDocument, { ifMatch }: Conditions): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== current.etag) throw preconditionFailed();
}

function preconditionFailed(): CosmosError {
  return new CosmosError(
    412,
    'Operation cannot be performed because one of the specified precondition is not met.',
  );
}

function checkNew(container: Container, partitionKey: string | undefined, body: JsonObject) {
  const { paths } = container.definition.partitionKey;
  const id = validId(body);
  if (partitionKey !== undefined) checkPartitionKey(body, paths, partitionKey);
  return { id, key: partitionKey ?? partitionKeyOf(body, paths) };
}

/** Source: "Per-item limits" of the service: 1,023 characters, none of / \ # ?. */
function validId({ id }: JsonObject): string {
  if (typeof id !== 'string' || id === '' || id.length > 1023 || /[/\\#?]/u.test(id)) {
    throw badRequest('The id must be a string of 1 to 1023 characters without / \\ # ?.');
  }
  return id;
}

/** The document without the system properties. */
function content(body: JsonObject): JsonObject {
  const { _rid, _self, _etag, _attachments, _ts, ...rest } = body;
  return rest;
}

/** Whether a patch's condition (`FROM c WHERE …`) is true for the document. */
function holds(condition: string, document: JsonObject): boolean {
  const { from, where } = parseQuery(`SELECT * ${condition}`);
  const [root, ...sources] = from;
  if (!root || root.over) throw badRequest('The condition of a patch must begin with FROM.');
  const rows = compileRows(sources, where, [root.alias])({ name: root.alias, value: document });
  return [...rows].length > 0;
}
