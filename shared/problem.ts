/** Errors that a caller may see: RFC 9457 problem details with a closed list of codes. */

/** Every code that the API answers with, its status and its title. The code never changes its meaning. */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'Bad request' },
  'validation-failed': { status: 400, title: 'The request is not valid' },
  'justification-required': { status: 400, title: 'A justification is required' },
  'malformed-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-cursor': { status: 400, title: 'The page link is not valid' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  'role-through-group': { status: 403, title: 'A role assigned through a group does not allow this' },
  'server-of-another-client': { status: 403, title: 'The server belongs to another secure client' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  'already-exists': { status: 409, title: 'Already exists' },
  'in-use': { status: 409, title: 'In use' },
  'system-defined': { status: 409, title: 'System-defined resources cannot be changed' },
  'active-policy': { status: 409, title: 'The policy is active' },
  'feature-not-supported': { status: 409, title: 'A server version does not support this' },
  'administrator-logging-failing': { status: 409, title: 'A server cannot write its administrator log' },
  'server-version-not-supported': { status: 409, title: 'The server version is not supported' },
  'server-without-site': { status: 409, title: 'The server belongs to no site' },
  'server-not-available': { status: 409, title: 'The server is not available' },
  'connection-test-failed': { status: 409, title: 'The host connection does not work' },
  'server-failed': { status: 409, title: 'The server could not do it' },
  'server-silent': { status: 409, title: 'The server did not answer in time' },
  'session-ended': { status: 409, title: 'The session has ended' },
  'playback-unavailable': { status: 409, title: 'The recording cannot be played now' },
  'upload-incomplete': { status: 409, title: 'The upload is incomplete' },
  'idempotency-in-progress': { status: 409, title: 'The same request is in progress' },
  'idempotency-response-not-kept': { status: 409, title: 'The first response is not stored' },
  'length-required': { status: 411, title: 'The body needs a Content-Length' },
  stale: { status: 412, title: 'The resource has changed' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for a different request' },
  'precondition-required': { status: 428, title: 'If-Match is required' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'A dependency is unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

/** A stable error code. */
export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong with the request: `pointer` into the body, or the name of a `parameter`. */
export interface FieldError {
  pointer?: string;
  parameter?: string;
  detail: string;
}

interface ProblemOptions {
  errors?: FieldError[];
  retryAfterSeconds?: number;
  /** Members beside the standard ones, such as the version that a feature needs. */
  extensions?: Record<string, unknown>;
  cause?: unknown;
}

/** Thrown anywhere below an operation to answer with a problem; `detail` tells the user what to do. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly extensions: Record<string, unknown> | undefined;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.name = 'Problem';
    this.status = PROBLEMS[code].status;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions;
  }
}

/** A 404 that reads the same for what does not exist and for what belongs to another customer. */
export function notFound(what: string): Problem {
  return new Problem('not-found', `The ${what} was not found, or you have no access to it. Check the id.`);
}

/** The problem as the body of an answer. `type` is a stable URI: the code under the documentation page. */
export function problemBody(problem: Problem, traceId: string, documentationUrl: string) {
  return {
    type: `${documentationUrl}#${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    traceId,
    ...(problem.errors ? { errors: problem.errors } : {}),
    ...problem.extensions,
  };
}
