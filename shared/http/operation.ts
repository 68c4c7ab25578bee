/** The declaration of an HTTP operation: everything that is known without running it. */
import { z } from 'zod';
import type { AuditCategory, AuditDetails, AuditTrail } from '../audit/audit-entry';
import type { Administrator, Anonymous, ClientCaller } from '../identity/caller';
import type { Permission } from '../identity/permissions';
import type { ProblemCode } from '../problem';
import type { Services } from '../services';
import type { Log } from '../telemetry/telemetry';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call: holders of a permission, recording servers, or anybody. */
export type Access = Permission | 'cloud-client' | 'anybody';

type CallerOf<A extends Access> = A extends 'cloud-client'
  ? ClientCaller
  : A extends 'anybody'
    ? Anonymous
    : Administrator;

/** `/sites/{siteId}` has the parameter `siteId`. */
export type PathParameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & PathParameters<Rest>
  : unknown;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A schema of an answer is given what the handler returns and leaves out what it does not declare. */
type Unparsed<S> = S extends z.ZodType ? z.input<S> : undefined;

/** Input of a handler: parsed, verified and authorised. */
export interface OperationContext<A extends Access, Path extends string, Query, Body, Resource> {
  readonly params: PathParameters<Path>;
  readonly query: Parsed<Query>;
  readonly body: Parsed<Body>;
  /** What `load` read. */
  readonly resource: Resource;
  readonly caller: CallerOf<A>;
  readonly services: Services;
  readonly audit: AuditTrail;
  /** The ETag from If-Match, already compared with the resource's where both exist. */
  readonly ifMatch: string | undefined;
  /** A new id; the same one when a request with an idempotency key is repeated. */
  readonly newId: () => string;
  readonly log: Log;
  readonly traceId: string;
  /** Aborted at the deadline, when the caller has been answered with 503: what only they wait for can end. */
  readonly signal: AbortSignal;
  readonly clientAddress: string;
  /** Client id and secret of HTTP Basic, for the token operation. */
  readonly basic: { id: string; secret: string } | undefined;
}

/** What a handler returns. */
export interface Reply<Body> {
  body: Body;
  /** Instead of the declared status, one of `otherStatuses`. */
  status?: number;
  etag?: string;
  /** Path of the created resource. */
  location?: string;
  /** Path of the running task. */
  operationLocation?: string;
  retryAfterSeconds?: number;
  headers?: Record<string, string>;
}

export interface OperationSpec<A extends Access, Path extends string, Query, Body, Answer, Resource> {
  /** Name of the operation and of its Azure function: camelCase, never changed. */
  id: string;
  method: Method;
  path: Path;
  tag: string;
  summary: string;
  description?: string;
  access: A;
  /** Query parameters; unknown ones are rejected. */
  query?: Query;
  /** The request body; unknown fields are rejected. */
  body?: Body;
  /** How the body is written; JSON unless said. `gzip` takes `Content-Encoding: gzip` too. */
  bodyFormat?: { form?: boolean; gzip?: boolean; maxBytes?: number; optional?: boolean };
  /** Status and body of success. An answer that is not JSON names its content type; it is text or `byteStream`. */
  success: { status: number; description: string; body?: Answer; contentType?: string };
  /** Statuses without the declared body that a handler may choose, such as 304. */
  otherStatuses?: Record<number, string>;
  /** Its 202 names a task that goes on, in Operation-Location. */
  task?: boolean;
  /** Codes of 4xx answers beyond those that follow from the declaration. */
  problems?: readonly ProblemCode[];
  /**
   * The change requires an If-Match with the ETag that it is based on (428 without, 412 when stale). With `whenExists`
   * it creates what does not exist: then the status is 201, with the path of the request as its Location.
   */
  ifMatch?: 'required' | 'whenExists';
  /** The answer carries the ETag of what it shows; with 304 among `otherStatuses` it answers If-None-Match. */
  etag?: boolean;
  /**
   * What is logged of it. `withChange`: the handler commits the entry with its changes, and is not called for an edit
   * that changes nothing (see `edits`); `ifChanged`: the same, where the handler finds out itself whether a request
   * changes something; `before`: the entry is written first, for changes that lie elsewhere.
   */
  audit?: { action: string; category?: AuditCategory; when: 'withChange' | 'ifChanged' | 'before' };
  /** What entries say that are written `before`. Declare it after `load`, from which its types follow. */
  auditDetails?(context: { resource: Resource; body: Parsed<Body> }): AuditDetails;
  /** Answers to `Idempotency-Key`; `oneTimeSecret` keeps the answer out of the store. POST of administrators only. */
  idempotency?: 'oneTimeSecret';
  /** Until then the operation is answered; default: `REQUEST_DEADLINE_SECONDS`. */
  deadlineSeconds?: number;
  /** It may compute for long, on what one customer has saved or sends: it runs in a worker thread, so that others do not wait. */
  inThread?: boolean;
  /** How long the handler waits intentionally, as in a long poll; extends the deadline. */
  waitSeconds?(query: Parsed<Query>): number;
  /** Errors in the form of OAuth 2.0 (RFC 6749) instead of problem details. */
  oauthErrors?: boolean;
  /**
   * A limit of its own, looked at before the body is read.
   * @throws Problem `too-many-requests`
   */
  admit?(context: { caller: CallerOf<A>; services: Services }): void;
  /** What the path names, in the caller's own customer; undefined answers 404 before anything else is looked at. */
  load?(context: {
    params: PathParameters<Path>;
    caller: CallerOf<A>;
    services: Services;
  }): Promise<Resource | undefined>;
  /**
   * For PUT and PATCH of what GET shows: the answer to GET as it is now, so that it can be edited and sent back. Fields
   * that the body's schema lacks are read-only, see `withoutReadOnlyFields`. A body that says what is there already is
   * answered with it, and nothing is written or logged. Declare it after `load`, from which its types follow.
   */
  edits?: {
    current(context: {
      resource: Resource;
      params: PathParameters<Path>;
      caller: CallerOf<A>;
      services: Services;
    }): Unparsed<Answer> | Promise<Unparsed<Answer>>;
    /** Of PATCH: the schema of what the patch is applied to, and results in. */
    whole?: z.ZodType;
    /** Read-only fields that change without a change of the ETag: any value is accepted. */
    volatile?: readonly string[];
  };
  handle(context: OperationContext<A, Path, Query, Body, Resource>): Promise<Reply<Unparsed<Answer>>>;
}

/**
 * An operation whose types are forgotten: what the kernel, OpenAPI and the tests work on. Its functions are declared as
 * methods, so that a declared operation can be used as one of these: the kernel calls them with what their schemas parsed.
 */
export type Operation = OperationSpec<
  Access,
  string,
  z.ZodObject | undefined,
  z.ZodType | undefined,
  z.ZodType | undefined,
  unknown
>;

/** Among `otherStatuses` of an operation whose ETag covers all that it shows. */
export const NOT_MODIFIED = { 304: 'It is the version that If-None-Match names' };

/** The statuses of answers with the declared body: PUT answers 201 when it created what it names. */
export function successStatuses({ success, ifMatch }: Pick<Operation, 'success' | 'ifMatch'>): number[] {
  return ifMatch === 'whenExists' ? [success.status, 201] : [success.status];
}

/** The schema of an answer that is a stream of bytes; with `idempotency: 'oneTimeSecret'`, since it cannot be kept. */
export const byteStream = z
  .custom<ReadableStream<Uint8Array>>((value) => value instanceof ReadableStream)
  .meta({ type: 'string', format: 'binary' });

/** Declares an operation; the types of its handler follow from the declaration. */
export function operation<
  const A extends Access,
  const Path extends string,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
  Resource = undefined,
>(spec: OperationSpec<A, Path, Query, Body, Answer, Resource>): Operation {
  return spec;
}
