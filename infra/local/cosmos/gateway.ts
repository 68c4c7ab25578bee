/** The gateway: authentication, routing and errors around the store, over http(s) or in process. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ACCESS_PATH, AccessControl } from '../access/access-control';
import { type ServicePrincipal } from '../azure/login/token-issuer';
import { FaultRegistry } from '../faults/fault-registry';
import { createAuthenticator, remoteKeys } from './authentication';
import { authorize } from './authorization';
import { withFaults } from './faults';
import {
  CosmosError,
  type GatewayRequest,
  type GatewayResponse,
  type Handler,
  json,
  type Middleware,
} from './message';
import { UnsupportedQueryError } from './query/cursor';
import { QuerySyntaxError } from './query/tokenizer';
import { type GatewayState } from './routed-request';
import { RequestCounts } from './request-counts';
import { route } from './router';
import { type HttpServer, startServer } from './server';
import { Catalogue } from './store/catalogue';
import type { ReadCounts } from './store/read-counts';
import { Sqlite } from './store/sqlite';

export interface CosmosGatewayOptions {
  /** The SQLite file, or `:memory:` (the default). */
  readonly data?: string | undefined;
  /** PEM files of certificate and key; without them the gateway speaks plain http. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Where the keys that sign Entra tokens are published; absent: tokens are refused. */
  readonly jwks?: string | undefined;
  /** PEM file of the authority behind the `jwks` address, when it is not a public one. */
  readonly ca?: string | undefined;
  /** The account's master key in base64; absent: signed requests are refused. */
  readonly masterKey?: string | undefined;
  /** File with the app's identity, whose roles, and those of the identities that follow from it, are enforced. */
  readonly servicePrincipal?: string | undefined;
  /** Answer across partitions only what the service answers, and only queries that an index serves. */
  readonly strict?: boolean | undefined;
  /** Every read lags behind by this many seconds, as in a read region. */
  readonly staleSeconds?: number | undefined;
  /** Wraps every request, outside of the faults. */
  readonly middleware?: Middleware | undefined;
  /** Faults for requests; absent: only those of `POST /local/faults`. */
  readonly faults?: FaultRegistry | undefined;
  /** Where queries count what they read; absent: they do not. */
  readonly reads?: ReadCounts | undefined;
  /** The clock of timestamps and expiry. */
  readonly now?: (() => Date) | undefined;
}

export interface CosmosGateway {
  /** Serves on a port of 127.0.0.1 (0: any free one) and resolves with the address. */
  listen(port: number): Promise<string>;
  /** Ends connections and closes the database. */
  close(): Promise<void>;
  /** Answers one request in process. Rejects only where middleware or a fault breaks the connection. */
  readonly handler: Handler;
}

export function createCosmosGateway(options: CosmosGatewayOptions = {}): CosmosGateway {
  const sqlite = new Sqlite(options.data ?? ':memory:');
  const catalogue = new Catalogue(sqlite, options.now ?? (() => new Date()), options.reads);
  const state: GatewayState = {
    catalogue,
    strict: options.strict ?? false,
    staleSeconds: options.staleSeconds ?? 0,
  };
  const authenticate = createAuthenticator({
    tokenKeys: options.jwks === undefined ? undefined : remoteKeys(options.jwks, options.ca),
    masterKey: options.masterKey,
  });
  const access = readAccessControl(options);
  const answer: Handler = async (request) => {
    try {
      const principal = await authenticate(request);
      if (access) authorize(access, principal, request);
      return withCommonHeaders(route(state, request));
    } catch (error) {
      return withCommonHeaders(describeError(error, request).toResponse());
    }
  };
  const { middleware } = options;
  const counts = new RequestCounts();
  const faulty = withFaults(options.faults ?? new FaultRegistry(), answer);
  const inner: Handler = async (request) =>
    request.path === ACCESS_PATH
      ? json(200, { value: access?.list() ?? [] })
      : (counts.answer(request) ?? faulty(request));
  const handler: Handler = middleware ? (request) => middleware(request, inner) : inner;
  let server: HttpServer | undefined;
  return {
    handler,
    listen: async (port) => {
      server = await startServer(handler, port, readTls(options));
      return server.url;
    },
    close: async () => {
      await server?.close();
      sqlite.close();
    },
  };
}

/** Undefined: whoever has a token may do everything. */
function readAccessControl({ servicePrincipal }: CosmosGatewayOptions): AccessControl | undefined {
  if (servicePrincipal === undefined) return undefined;
  return new AccessControl(JSON.parse(readFileSync(servicePrincipal, 'utf8')) as ServicePrincipal);
}

function readTls({ cert, key }: CosmosGatewayOptions) {
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function withCommonHeaders(response: GatewayResponse): GatewayResponse {
  return {
    ...response,
    headers: {
      'content-type': 'application/json',
      'x-ms-activity-id': randomUUID(),
      'x-ms-request-charge': '1',
      ...response.headers,
    },
  };
}

function describeError(error: unknown, { method, path }: GatewayRequest): CosmosError {
  if (error instanceof CosmosError) return error;
  if (error instanceof UnsupportedQueryError) {
    return new CosmosError(501, `The local Cosmos DB gateway does not implement: ${error.feature}.`, {
      cause: error,
    });
  }
  if (error instanceof QuerySyntaxError) return new CosmosError(400, error.message, { cause: error });
  console.error(`${method} ${path} failed:`, error);
  return new CosmosError(500, 'The local Cosmos DB gateway failed; see its log.', { cause: error });
}
