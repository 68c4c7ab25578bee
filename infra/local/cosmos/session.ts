/** Session tokens, and the state that a read sees: the latest writes, or those of a replica that lags behind. */
import { badRequest, CosmosError } from './message';
import { type GatewayState, type RoutedRequest } from './routed-request';
import { type Container } from './store/catalogue';
import { type DocumentReader } from './store/reader';

/** What one read sees of a container. */
export interface View {
  readonly documents: DocumentReader;
  /** The last write that it sees. */
  readonly lsn: number;
}

/** The substatus of 404 when no replica has reached the client's session token. */
const readSessionNotAvailable = 1002;

/**
 * A stale read is answered as of this many seconds ago, or as of the client's session token when that is newer.
 * Raises 404 for a token of writes that this container has never seen.
 */
export function viewOf(state: GatewayState, container: Container, request: RoutedRequest): View {
  const { documents } = container;
  const { headers, staleSeconds = state.staleSeconds } = request;
  if (headers['x-ms-consistency-level']?.toLowerCase() === 'strong')
    throw badRequest('ConsistencyLevel Strong is stronger than BoundedStaleness, the one of the account.');
  const { lsn } = documents;
  const seen = sessionLsn(headers['x-ms-session-token']);
  if (seen > lsn) {
    throw new CosmosError(404, 'The read session is not available for the input session token.', {
      substatus: readSessionNotAvailable,
    });
  }
  if (staleSeconds === 0) return { documents, lsn };
  const staleLsn = Math.max(documents.lsnBefore(staleSeconds), seen);
  return { documents: documents.asOf(staleLsn), lsn: staleLsn };
}

/** `0:-1#12`: range, version and number of the last write. */
function sessionLsn(token: string | undefined): number {
  if (token === undefined) return 0;
  const lsn = /^0:-1#(\d+)$/u.exec(token)?.[1];
  if (lsn === undefined) throw badRequest(`The session token '${token}' is not valid.`);
  return Number(lsn);
}

/** The session token, and the container that it belongs to: without the latter the SDK does not remember it. */
export function sessionHeaders({ resource, link }: Container, lsn: number): Record<string, string> {
  return {
    'x-ms-session-token': `0:-1#${lsn}`,
    lsn: String(lsn),
    'x-ms-content-path': resource._rid,
    'x-ms-alt-content-path': link,
  };
}
