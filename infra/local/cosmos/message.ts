/** The gateway's transport-independent interface: requests, answers, and the errors of the Cosmos DB protocol. */

/** One request, free of any transport. Header names are lower-case; `path` is still percent-encoded. */
export interface GatewayRequest {
  readonly method: string;
  /** Scheme, host and port the client used; the account document must repeat them. */
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For a read: answer it as of this many seconds ago. */
  readonly staleSeconds?: number;
}

export interface GatewayResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, or the empty string. */
  readonly body: string;
}

export type Handler = (request: GatewayRequest) => Promise<GatewayResponse>;

/** Wraps the gateway: may answer itself, change the answer, wait, or throw. */
export type Middleware = (request: GatewayRequest, next: Handler) => Promise<GatewayResponse>;

/** Protocol names of the statuses the gateway answers with (the `code` of an error body). */
const statusCodes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  424: 'FailedDependency',
  429: 'TooManyRequests',
  449: 'RetryWith',
  500: 'InternalServerError',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

/** An error that the client gets to see. */
export class CosmosError extends Error {
  override readonly name = 'CosmosError';

  constructor(
    readonly status: number,
    message: string,
    readonly details: {
      readonly substatus?: number;
      /** In place of the name of the status. */
      readonly code?: string;
      readonly additionalErrorInfo?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  /** The answer that carries this error. */
  toResponse(): GatewayResponse {
    const { substatus, code, additionalErrorInfo } = this.details;
    return {
      status: this.status,
      headers: substatus === undefined ? {} : { 'x-ms-substatus': String(substatus) },
      body: JSON.stringify({
        code: code ?? statusCodes[this.status] ?? String(this.status),
        message: this.message,
        ...(additionalErrorInfo === undefined ? {} : { additionalErrorInfo }),
      }),
    };
  }
}

export const badRequest = (message: string, substatus?: number, cause?: unknown) =>
  new CosmosError(400, message, { ...(substatus === undefined ? {} : { substatus }), cause });

export const notFound = (what: string) => new CosmosError(404, `Resource Not Found: ${what} does not exist.`);

/** The error for what this gateway does not implement. */
export const notImplemented = (what: string) =>
  new CosmosError(501, `The local Cosmos DB gateway does not implement ${what}.`);

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): GatewayResponse {
  return { status, headers, body: JSON.stringify(body) };
}

/** The JSON value in a request's body. Raises 400 for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badRequest('The request body is not valid JSON.', undefined, cause);
  }
}

/** The JSON object in a request's body. Raises 400 for anything else. */
export function readJsonObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('The request body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}
