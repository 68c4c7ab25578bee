/**
 * Which permission each call to blobs and queues needs. Source: "Permissions for calling data operations",
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-calling-data-operations.
 */
import { type Needed, type Operation } from '../../access/access-control';

/** A call, without the account in its path. */
export interface StorageCall {
  readonly method: string;
  /** `/container/blob?comp=block&blockid=…` */
  readonly path: string;
}

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices';
const QUEUES = 'Microsoft.Storage/storageAccounts/queueServices';

const one = (permission: string): Needed => [[permission]];
const container = (action: string): Needed => one(`${BLOBS}/containers/${action}`);
const blob = (action: string): Needed => one(`${BLOBS}/containers/blobs/${action}`);
const queue = (action: string): Needed => one(`${QUEUES}/queues/${action}`);
const message = (...actions: string[]): Needed =>
  actions.map((action) => [`${QUEUES}/queues/messages/${action}`]);
/** What makes a blob that may be a new one. */
const writeOrAdd: Needed = [...blob('write'), ...blob('add/action')];

/** By method, kind of resource, and `comp` (with `restype` where that tells apart); HEAD counts as GET. */
const BLOB_OPERATIONS: Readonly<Record<string, readonly [name: string, needed: Needed]>> = {
  'GET account list': ['List Containers', container('read')],
  'GET account service/properties': ['Get Blob Service Properties', one(`${BLOBS}/read`)],
  'PUT account service/properties': ['Set Blob Service Properties', one(`${BLOBS}/write`)],
  'GET account service/stats': ['Get Blob Service Stats', one(`${BLOBS}/read`)],
  'GET account account/properties': ['Get Account Information', one(`${BLOBS}/getInfo/action`)],
  'POST account service/userdelegationkey': [
    'Get User Delegation Key',
    one(`${BLOBS}/generateUserDelegationKey/action`),
  ],
  'GET account blobs': ['Find Blobs by Tags', blob('filter/action')],
  'PUT container container': ['Create Container', container('write')],
  'GET container container': ['Get Container Properties', container('read')],
  'DELETE container container': ['Delete Container', container('delete')],
  'GET container container/metadata': ['Get Container Metadata', container('read')],
  'PUT container container/metadata': ['Set Container Metadata', container('write')],
  'GET container container/acl': ['Get Container ACL', container('getAcl/action')],
  'PUT container container/acl': ['Set Container ACL', container('setAcl/action')],
  'PUT container container/lease': ['Lease Container', container('write')],
  'GET container container/list': ['List Blobs', blob('read')],
  'GET container container/blobs': ['Find Blobs by Tags in Container', blob('filter/action')],
  'PUT blob': ['Put Blob', writeOrAdd],
  'GET blob': ['Get Blob', blob('read')],
  'DELETE blob': ['Delete Blob', blob('delete')],
  'GET blob metadata': ['Get Blob Metadata', blob('read')],
  'PUT blob metadata': ['Set Blob Metadata', blob('write')],
  'PUT blob properties': ['Set Blob Properties', blob('write')],
  'GET blob tags': ['Get Blob Tags', blob('tags/read')],
  'PUT blob tags': ['Set Blob Tags', blob('tags/write')],
  'PUT blob lease': ['Lease Blob', blob('write')],
  'PUT blob snapshot': ['Snapshot Blob', writeOrAdd],
  'PUT blob copy': ['Abort Copy Blob', blob('write')],
  'PUT blob tier': ['Set Blob Tier', blob('write')],
  'PUT blob block': ['Put Block', blob('write')],
  'PUT blob blocklist': ['Put Block List', blob('write')],
  'GET blob blocklist': ['Get Block List', blob('read')],
  'PUT blob appendblock': ['Append Block', writeOrAdd],
  'PUT blob seal': ['Append Blob Seal', blob('write')],
  'PUT blob undelete': ['Undelete Blob', container('write')],
  'PUT blob immutabilitypolicies': [
    'Set Immutability Policy',
    blob('immutableStorage/runAsSuperUser/action'),
  ],
  'DELETE blob immutabilitypolicies': [
    'Delete Immutability Policy',
    blob('immutableStorage/runAsSuperUser/action'),
  ],
  'PUT blob legalhold': ['Set Blob Legal Hold', container('write')],
};

const QUEUE_OPERATIONS: Readonly<Record<string, readonly [name: string, needed: Needed]>> = {
  'GET account list': ['List Queues', queue('read')],
  'GET account service/properties': ['Get Queue Service Properties', one(`${QUEUES}/read`)],
  'PUT account service/properties': ['Set Queue Service Properties', one(`${QUEUES}/write`)],
  'GET account service/stats': ['Get Queue Service Stats', one(`${QUEUES}/read`)],
  'PUT queue': ['Create Queue', queue('write')],
  'DELETE queue': ['Delete Queue', queue('delete')],
  'GET queue metadata': ['Get Queue Metadata', queue('read')],
  'PUT queue metadata': ['Set Queue Metadata', queue('write')],
  'GET queue acl': ['Get Queue ACL', queue('getAcl/action')],
  'PUT queue acl': ['Set Queue ACL', queue('setAcl/action')],
  'POST messages': ['Put Message', message('add/action', 'write')],
  'GET messages': [
    'Get Messages',
    [...message('process/action'), [`${QUEUES}/queues/messages/delete`, `${QUEUES}/queues/messages/read`]],
  ],
  'GET messages peek': ['Peek Messages', message('read')],
  'DELETE messages': ['Clear Messages', message('delete')],
  'DELETE message': ['Delete Message', message('process/action', 'delete')],
  'PUT message': ['Update Message', message('write')],
};

/** The operation that the call is; undefined for one that is not in the table. */
export function storageOperation(
  service: 'blob' | 'queue',
  { method, path }: StorageCall,
): Operation | undefined {
  const [resource = '', query = ''] = path.split('?');
  const segments = resource.split('/').filter(Boolean);
  const parameters = new URLSearchParams(query);
  const kind = service === 'blob' ? blobKind(segments) : queueKind(segments);
  const detail =
    kind === 'messages'
      ? parameters.get('peekonly') === 'true' && 'peek'
      : [parameters.get('restype'), parameters.get('comp')].filter(Boolean).join('/');
  const key = [method === 'HEAD' ? 'GET' : method, kind, detail].filter(Boolean).join(' ');
  const table = service === 'blob' ? BLOB_OPERATIONS : QUEUE_OPERATIONS;
  const found = Object.hasOwn(table, key) ? table[key] : undefined;
  return found && { name: found[0], needed: found[1] };
}

function blobKind({ length }: readonly string[]): string {
  if (length === 0) return 'account';
  return length === 1 ? 'container' : 'blob';
}

function queueKind(segments: readonly string[]): string {
  return ['account', 'queue', 'messages', 'message'][segments.length] ?? 'unknown';
}
